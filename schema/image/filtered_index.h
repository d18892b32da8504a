// What an index that FilterIndex made says of itself.
#pragma once

#include <string_view>
#include <vector>

#include "schema/image/digest.h"
#include "schema/image/manifest.h"
#include "schema/image/platform.h"

namespace imglife {

namespace annotation {
// Those of the wanted platforms that the source has nothing for, by bytes, with commas between
// them; absent where it has all.
inline constexpr std::string_view kAbsentPlatforms = "io.imglife.absent-platforms";
}  // namespace annotation

// Was it made from that index? False also where nothing says so.
bool IsFilteredFrom(const Manifest& index, const Digest& source);

// Is it what FilterIndex makes of that index for exactly these platforms? Its own children tell,
// and what it says of those that are missing. False also where that can't be told without the
// source.
bool IsFilteredFrom(const Manifest& index, const Digest& source,
                    const std::vector<Platform>& wanted);

}  // namespace imglife
