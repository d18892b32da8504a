#include "providers/http/movement.h"

namespace imglife {

void Movement::Begin(SteadyTime now) {
  last_moved_ = now;
  counted_from_ = now;
  counted_ = 0;
}

void Movement::Moved(std::size_t bytes, SteadyTime now) {
  if (!last_moved_) Begin(now);
  last_moved_ = now;
  counted_ += bytes;
  if (counted_ < kLeastBytes) return;
  counted_from_ = now;
  counted_ = 0;
}

void Movement::GoOn(SteadyTime now) {
  if (last_moved_) Begin(now);
}

Stall Movement::StallAt(SteadyTime now) const {
  if (!last_moved_) return Stall::kNone;
  if (absl::FromChrono(now - *last_moved_) > silence_) return Stall::kSilent;
  if (absl::FromChrono(now - counted_from_) > drip()) return Stall::kDripping;
  return Stall::kNone;
}

}  // namespace imglife
