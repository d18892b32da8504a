// How much one image may consist of. A manifest may be 8 MiB: an index of that size names some
// 80,000 others, each of which may be an index again, and whoever pushes to an upstream writes
// them. What is beyond is refused where it is read, before it is fetched, and not readable then:
// it isn't copied, and nothing is deleted around it.
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/status.h"

#include "schema/image/reference.h"

namespace imglife {

// Indexes within the index that a tag names. Real ones hold images; few hold indexes of them.
inline constexpr std::size_t kMaxIndexDepth = 4;

// Manifests below one index, at all depths together, and manifests that one tag leads to. Real
// images have some tens; a list of referrers gains one entry for each signature and each date of an
// archived image: this is ten years of one a day.
inline constexpr std::size_t kMaxParts = 4096;

// Referrers of one image, and those of its referrers; steps from an image to the last of them.
// Scans and signatures of years stay below.
inline constexpr std::size_t kMaxReferrers = 1000;
inline constexpr std::size_t kMaxReferrerSteps = 8;

// Links from a tag: to a list of referrers, through them to an image, and down its indexes.
inline constexpr std::size_t kMaxLinks = 1 + kMaxReferrerSteps + kMaxIndexDepth + 1;

// ResourceExhausted, naming the image (a tag or a digest of `repository`) and the limit.
absl::Status TooManyParts(const Repository& repository, const std::string& image);
absl::Status TooDeep(const Repository& repository, const std::string& image, std::size_t limit);

}  // namespace imglife
