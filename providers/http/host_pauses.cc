#include "providers/http/host_pauses.h"

#include <algorithm>

#include "absl/time/clock.h"

namespace imglife {

void HostPauses::Pause(const std::string& host, absl::Time until) {
  const std::lock_guard lock(mutex_);
  absl::Time& pause = until_.emplace(host, until).first->second;
  pause = std::max(pause, until);
}

bool HostPauses::Wait(const std::string& host, absl::Time give_up) {
  while (true) {
    absl::Duration left;
    {
      const std::lock_guard lock(mutex_);
      const auto pause = until_.find(host);
      if (pause == until_.end()) return true;
      if (pause->second > give_up) return absl::Now() >= pause->second;
      left = pause->second - absl::Now();
    }
    if (left <= absl::ZeroDuration()) return true;
    absl::SleepFor(left);
  }
}

}  // namespace imglife
