// Names of products at endoflife.date, aliases included.
#pragma once

#include <cstddef>
#include <string_view>

namespace imglife {

inline constexpr std::size_t kMostProductName = 128;

// 1 to kMostProductName letters, digits, `-`, `_`, `.` and `+`, of which the first is no `.`:
// nothing that would be another path of a URL.
bool IsProductName(std::string_view name);

}  // namespace imglife
