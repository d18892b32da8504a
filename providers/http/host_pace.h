// How fast a host that asked for less is asked. Pure: the time comes from the caller.
#pragma once

#include "absl/time/time.h"

namespace imglife {

// Nothing goes out in a pause, and after it one request at a time: twice as far apart as before
// with each pause that was needed, closer again with each answer. Not thread-safe.
class HostPace {
 public:
  // After a 429. Further ones that come in the pause, from requests that were on their way, make it
  // longer but don't slow down what follows it.
  void Pause(absl::Time now, absl::Time until);

  // After any other answer.
  void Answered();

  // When the next request may go.
  absl::Time Turn(absl::Time now) const;
  // The same, and its place is taken.
  absl::Time Reserve(absl::Time now);

  absl::Time paused_until() const { return until_; }

 private:
  absl::Time until_ = absl::InfinitePast();
  absl::Time next_ = absl::InfinitePast();
  absl::Duration interval_;
};

}  // namespace imglife
