#include "providers/http/host_pauses.h"

#include <algorithm>

#include "absl/time/clock.h"

namespace imglife {

void HostPauses::Pause(const std::string& host, absl::Time until) {
  const std::lock_guard lock(mutex_);
  paces_[host].Pause(absl::Now(), until);
}

void HostPauses::Answered(const std::string& host) {
  const std::lock_guard lock(mutex_);
  const auto pace = paces_.find(host);
  if (pace != paces_.end()) pace->second.Answered();
}

bool HostPauses::Wait(const std::string& host, absl::Time give_up) {
  while (true) {
    absl::Duration left;
    {
      const std::lock_guard lock(mutex_);
      const auto pace = paces_.find(host);
      if (pace == paces_.end()) return true;
      const absl::Time now = absl::Now();
      if (pace->second.Turn(now) > std::max(give_up, now)) return false;
      left = pace->second.Reserve(now) - now;
    }
    if (left <= absl::ZeroDuration()) return true;
    absl::SleepFor(left);
    const std::lock_guard lock(mutex_);
    // Another pause may have begun meanwhile.
    if (paces_[host].paused_until() <= absl::Now()) return true;
  }
}

}  // namespace imglife
