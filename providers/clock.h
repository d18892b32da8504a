// What time it is.
#pragma once

#include "absl/time/time.h"

namespace imglife {

class Clock {
 public:
  virtual ~Clock() = default;
  // For what is written into outputs: SOURCE_DATE_EPOCH if set, else now.
  virtual absl::Time Now() const = 0;
  // For ages and end-of-life, and for what later runs judge by it: IMGLIFE_NOW if set, else now.
  virtual absl::Time PolicyNow() const = 0;
};

}  // namespace imglife
