#pragma once

#include <string_view>

namespace imglife {

inline constexpr std::string_view kVersion = IMGLIFE_VERSION;

}  // namespace imglife
