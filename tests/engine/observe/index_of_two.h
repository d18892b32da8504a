// An index with two platforms, for tests that only need one to be there.
#pragma once

#include <string>

#include "tests/support/image_maker.h"

namespace imglife {

// Of images for linux/amd64 and linux/arm64, which share nothing but the name.
inline TestImage IndexOfTwo(const std::string& name) {
  return MakeIndex({.images = {{.name = name}, {.name = name, .platform = "linux/arm64"}}});
}

}  // namespace imglife
