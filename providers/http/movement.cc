#include "providers/http/movement.h"

#include <fmt/format.h>

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

std::optional<std::string> Movement::Stalled(SteadyTime now) const {
  if (!last_moved_) return std::nullopt;
  if (absl::FromChrono(now - *last_moved_) > silence_) {
    return fmt::format("nothing for {}", absl::FormatDuration(silence_));
  }
  const absl::Duration drip = kDripFactor * silence_;
  if (absl::FromChrono(now - counted_from_) > drip) {
    return fmt::format("less than {} bytes in {}", kLeastBytes, absl::FormatDuration(drip));
  }
  return std::nullopt;
}

}  // namespace imglife
