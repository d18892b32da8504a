#include "providers/http/host_pauses.h"

#include <algorithm>

#include "absl/time/clock.h"

namespace imglife {

void HostPauses::Pause(const std::string& host, absl::Time until) {
  const std::lock_guard lock(mutex_);
  absl::Time& pause = until_.emplace(host, until).first->second;
  pause = std::max(pause, until);
}

void HostPauses::Wait(const std::string& host) {
  while (true) {
    absl::Duration left;
    {
      const std::lock_guard lock(mutex_);
      const auto pause = until_.find(host);
      if (pause == until_.end()) return;
      left = pause->second - absl::Now();
    }
    if (left <= absl::ZeroDuration()) return;
    absl::SleepFor(left);
  }
}

}  // namespace imglife
