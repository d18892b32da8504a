// Following symbolic links by hand.
#pragma once

namespace imglife {

inline constexpr int kMostLinks = 40;  // as Linux

}  // namespace imglife
