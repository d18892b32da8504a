#include "providers/http/retry.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <mutex>
#include <random>
#include <string>

namespace imglife {
namespace {

constexpr absl::Duration kFirstDelay = absl::Milliseconds(250);
constexpr absl::Duration kLongestDelay = absl::Seconds(30);
constexpr int kMostDoublings = 10;
constexpr absl::Duration kLongestAsked = absl::Hours(1);
// A quota whose window is longer than a request is retried doesn't come back in time.
constexpr std::int64_t kQuotaWindowSeconds = 120;

// The number at the front of `text`, which loses it.
std::optional<std::int64_t> TakeNumber(std::string_view& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

// One that is too large for its type is the largest that there is.
std::optional<std::int64_t> WholeNumber(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.starts_with('-') || end == text.data() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  const bool is_too_large = error == std::errc::result_out_of_range;
  return is_too_large ? std::numeric_limits<std::int64_t>::max() : number;
}

}  // namespace

bool MayRetry(const TryResult& result, bool idempotent) {
  if (result.http_status != 0) {
    return idempotent && !result.quota_spent && IsTransientStatus(result.http_status);
  }
  const bool interrupted = result.failure == absl::StatusCode::kUnavailable ||
                           result.failure == absl::StatusCode::kDeadlineExceeded;
  return interrupted && (idempotent || !result.sent);
}

bool IsSpentQuota(int status, std::string_view ratelimit_remaining, std::string_view body) {
  if (status != 429) return false;
  // "You have reached your pull rate limit", "… your unauthenticated pull rate limit".
  if (body.find("pull rate limit") != std::string_view::npos) return true;
  if (TakeNumber(ratelimit_remaining) != 0) return false;
  constexpr std::string_view kWindow = ";w=";
  if (!ratelimit_remaining.starts_with(kWindow)) return false;
  ratelimit_remaining.remove_prefix(kWindow.size());
  return TakeNumber(ratelimit_remaining).value_or(0) > kQuotaWindowSeconds;
}

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

double RandomShare() {
  // One for all threads: in a virtual machine std::random_device takes tens of microseconds to open
  // (libstdc++ 12 asks the processor what it can).
  static std::mutex mutex;
  static std::minstd_rand generator(std::random_device{}());
  const std::lock_guard lock(mutex);
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

absl::Duration BackoffDelay(int tries_made, double random) {
  const int doublings = std::clamp(tries_made - 1, 0, kMostDoublings);
  const absl::Duration full = std::min(kFirstDelay * (1 << doublings), kLongestDelay);
  return full / 2 + full / 2 * std::clamp(random, 0.0, 1.0);
}

absl::Duration RetryDelay(int tries_made, double random, std::optional<absl::Duration> asked) {
  const absl::Duration backoff = BackoffDelay(tries_made, random);
  if (!asked || *asked <= backoff) return backoff;
  return std::min(*asked, kLongestAsked) + kFirstDelay * std::clamp(random, 0.0, 1.0);
}

std::optional<absl::Duration> ParseRetryAfter(std::string_view value, absl::Time now) {
  if (const auto seconds = WholeNumber(value)) return absl::Seconds(*seconds);
  // RFC 9110, 5.6.7: the form of today, and the two of before that are to be understood too.
  for (const char* form :
       {"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %e %H:%M:%S %Y"}) {
    absl::Time date;
    std::string ignored;
    if (absl::ParseTime(form, std::string(value), &date, &ignored)) {
      return std::max(date - now, absl::ZeroDuration());
    }
  }
  return std::nullopt;
}

std::optional<absl::Duration> AskedWait(std::string_view retry_after,
                                        std::string_view x_retry_after, absl::Time now) {
  if (const auto asked = ParseRetryAfter(retry_after, now)) return asked;
  const auto instant = WholeNumber(x_retry_after);
  if (!instant) return std::nullopt;
  return std::max(absl::FromUnixSeconds(*instant) - now, absl::ZeroDuration());
}

}  // namespace imglife
