// The manifest that takes a tag over so that the tag can go with it (registry.md, Deleting a tag).
#pragma once

#include <string>
#include <string_view>

#include "schema/image/manifest.h"

namespace imglife {

// Its config and only layer.
std::string_view PlaceholderConfig();

// Different for every `tag` and `unique`, and of docker's types where `docker` says so: a registry
// that holds only those may take no other. Has the annotation io.imglife.placeholder.
ManifestBytes MakePlaceholder(std::string_view tag, std::string_view unique, bool docker);

}  // namespace imglife
