// The manifest that takes a tag over so that the tag can go with it (registry.md, Deleting a tag).
#pragma once

#include <string>
#include <string_view>

#include "schema/image/manifest.h"

namespace imglife {

// What people are told of one that stands where an image is wanted.
inline constexpr std::string_view kPlaceholderAdvice =
    "what a deletion by imglife has left that was killed; clean up there again, or push the image";

// Its config and only layer.
std::string_view PlaceholderConfig();

// Different for every `tag` and `unique`, and of docker's types where `docker` says so: a registry
// that holds only those may take no other. Has the annotation io.imglife.placeholder, "TAG UNIQUE".
ManifestBytes MakePlaceholder(std::string_view tag, std::string_view unique, bool docker);

// The tag whose place the manifest holds; empty if its bytes, which `digest` is of, aren't those
// that MakePlaceholder makes for any tag. The annotation alone means nothing: an image may carry
// it, and a tag that names it is neither absent nor to be removed. Nor is a tag of another name.
std::string PlaceholderOf(const Manifest& manifest, const Digest& digest);

}  // namespace imglife
