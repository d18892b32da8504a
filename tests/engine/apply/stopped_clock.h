#pragma once

#include "absl/time/time.h"

#include "providers/clock.h"

namespace imglife {

// PolicyNow is the epoch, whatever Now is.
class StoppedClock : public Clock {
 public:
  explicit StoppedClock(absl::Time now = absl::UnixEpoch()) : now_(now) {}

  absl::Time Now() const override { return now_; }
  absl::Time PolicyNow() const override { return absl::UnixEpoch(); }

 private:
  const absl::Time now_;
};

}  // namespace imglife
