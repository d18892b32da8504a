#include "providers/http/retry.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace imglife {
namespace {

constexpr absl::Duration kFirstDelay = absl::Milliseconds(250);
constexpr absl::Duration kLongestDelay = absl::Seconds(30);
constexpr int kMostDoublings = 10;

}  // namespace

bool IsTransientStatus(int status) {
  switch (status) {
    case 408:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
      return true;
    default:
      return false;
  }
}

absl::Duration BackoffDelay(int tries_made, double random) {
  const int doublings = std::clamp(tries_made - 1, 0, kMostDoublings);
  const absl::Duration full = std::min(kFirstDelay * (1 << doublings), kLongestDelay);
  return full / 2 + full / 2 * std::clamp(random, 0.0, 1.0);
}

std::optional<absl::Duration> ParseRetryAfter(std::string_view value, absl::Time now) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (error == std::errc() && end == value.data() + value.size() && seconds >= 0) {
    return absl::Seconds(seconds);
  }
  absl::Time date;
  std::string ignored;
  if (!absl::ParseTime("%a, %d %b %Y %H:%M:%S GMT", std::string(value), &date, &ignored)) {
    return std::nullopt;
  }
  return std::max(date - now, absl::ZeroDuration());
}

}  // namespace imglife
