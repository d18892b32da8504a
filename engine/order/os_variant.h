// Tags that name an operating system and no version (config.md, os_normalize). Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace imglife {

// Does the tag consist of nothing but names of operating systems and of their editions, each with
// or without a number: `alpine3.21`, `bookworm-slim`, `windowsservercore-ltsc2025`, `slim`? Not
// `latest`, `lts-alpine` or `26-alpine3.21`.
bool NamesOnlyOsVariant(std::string_view tag);

// `26.7.0` of `26.7.0-alpine3.21`, as it is written; empty if the tag isn't a version or has a
// prefix other than `v`.
std::string VersionOfTag(std::string_view tag);

// The version tags among `tags` that may tell the version of `variant`, those first that end with
// it: newest first in each half.
std::vector<std::string> VersionsOfVariant(const std::vector<std::string>& tags,
                                           const std::string& variant);

}  // namespace imglife
