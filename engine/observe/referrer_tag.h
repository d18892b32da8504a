// Tags that belong to another image.
#pragma once

#include <string>
#include <vector>

#include "schema/image/digest.h"

namespace imglife {

// `sha256-HEX`, with or without .sig, .att or .sbom: the referrers of an image where there is no
// API for them, and what cosign wrote before there was one.
bool IsReferrerTag(const std::string& tag);

// Only "sha256-HEX": a list of referrers (distribution-spec 1.1, "Referrers Tag Schema").
bool IsFallbackTag(const std::string& tag);

// `sha256-HEX.sig`, `.att` and `.sbom` of this manifest.
std::vector<std::string> CosignTags(const Digest& subject);

}  // namespace imglife
