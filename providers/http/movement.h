// Whether what is on its way still moves.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "absl/time/time.h"

namespace imglife {

// Waiting goes by the clock that nobody sets.
using SteadyTime = std::chrono::steady_clock::time_point;
inline SteadyTime SteadyNow() {
  return std::chrono::steady_clock::now();
}

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
  // It was this side that waited until now.
  void GoOn(SteadyTime now);

  // "nothing for 30s", if it stands still.
  std::optional<std::string> Stalled(SteadyTime now) const;

 private:
  const absl::Duration silence_;
  std::optional<SteadyTime> last_moved_;
  SteadyTime counted_from_;
  std::size_t counted_ = 0;
};

}  // namespace imglife
