// How long something took, for people.
#pragma once

#include <string>

#include "absl/time/time.h"

namespace imglife {

// "12.3s": seconds with one digit, rounded half up; the same on every machine. Negative is "0.0s".
std::string SecondsText(absl::Duration took);

}  // namespace imglife
