#include "providers/http/host_pace.h"

#include <algorithm>

namespace imglife {
namespace {

// 200 requests a second after the first pause, one a second where refusals go on; below a
// millisecond there is no limit any more.
constexpr absl::Duration kFirst = absl::Milliseconds(5);
constexpr absl::Duration kLongest = absl::Seconds(1);
constexpr absl::Duration kNone = absl::Milliseconds(1);
// Fourteen answers halve the distance.
constexpr double kSpeedUp = 0.95;

}  // namespace

void HostPace::Pause(absl::Time now, absl::Time until) {
  if (now >= until_) interval_ = std::clamp(interval_ * 2, kFirst, kLongest);
  until_ = std::max(until_, until);
}

void HostPace::Answered() {
  interval_ *= kSpeedUp;
  if (interval_ < kNone) interval_ = absl::ZeroDuration();
}

absl::Time HostPace::Turn(absl::Time now) const {
  return std::max({now, until_, next_});
}

absl::Time HostPace::Reserve(absl::Time now) {
  const absl::Time mine = Turn(now);
  next_ = mine + interval_;
  return mine;
}

}  // namespace imglife
