#include "providers/http/sleep_unless.h"

#include <algorithm>

#include "absl/time/clock.h"

namespace imglife {

bool SleepUnless(const std::function<bool()>& stopped, absl::Duration time) {
  const absl::Time end = absl::Now() + time;
  while (!stopped()) {
    const absl::Duration left = end - absl::Now();
    if (left <= absl::ZeroDuration()) return true;
    absl::SleepFor(std::min(left, absl::Milliseconds(100)));
  }
  return false;
}

}  // namespace imglife
