// Whether what is on its way still moves.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "absl/time/time.h"

namespace imglife {

// Waiting goes by the clock that nobody sets.
using SteadyTime = std::chrono::steady_clock::time_point;
inline SteadyTime SteadyNow() {
  return std::chrono::steady_clock::now();
}

enum class Stall { kNone, kSilent, kDripping };

// A transfer stands still when no byte moves for `silence`, or when fewer than kLeastBytes move
// within kDripFactor times that: a server that gives a byte a second would hold a run for ever, as
// there is no limit on the whole (registry.md, "Timeouts"). Nothing stands still before Begin.
// Pure: the time comes from the caller. Not thread-safe.
class Movement {
 public:
  static constexpr std::size_t kLeastBytes = 1024;
  static constexpr int kDripFactor = 4;

  explicit Movement(absl::Duration silence) : silence_(silence) {}

  void Begin(SteadyTime now);
  // Begins what hasn't begun.
  void Moved(std::size_t bytes, SteadyTime now);
  // Until now there was a reason to wait: this side was busy, or the other one said that it is at
  // work.
  void GoOn(SteadyTime now);

  Stall StallAt(SteadyTime now) const;
  absl::Duration silence() const { return silence_; }
  absl::Duration drip() const { return kDripFactor * silence_; }

 private:
  const absl::Duration silence_;
  std::optional<SteadyTime> last_moved_;
  SteadyTime counted_from_;
  std::size_t counted_ = 0;
};

}  // namespace imglife
