#include "providers/http/host_pauses.h"

#include <algorithm>

#include "absl/time/clock.h"

#include "providers/http/sleep_unless.h"

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

HostPauses::Outcome HostPauses::Wait(const std::string& host, absl::Time give_up,
                                     const std::function<bool()>& stopped) {
  while (true) {
    absl::Duration left;
    {
      const std::lock_guard lock(mutex_);
      const auto pace = paces_.find(host);
      if (pace == paces_.end()) return Outcome::kTurn;
      const absl::Time now = absl::Now();
      if (pace->second.Turn(now) > std::max(give_up, now)) return Outcome::kTooLong;
      left = pace->second.Reserve(now) - now;
    }
    if (left <= absl::ZeroDuration()) return Outcome::kTurn;
    if (!SleepUnless(stopped, left)) return Outcome::kStopped;
    const std::lock_guard lock(mutex_);
    // Another pause may have begun meanwhile.
    if (paces_[host].paused_until() <= absl::Now()) return Outcome::kTurn;
  }
}

}  // namespace imglife
