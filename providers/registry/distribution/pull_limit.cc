#include "providers/registry/distribution/pull_limit.h"

#include <charconv>
#include <string>

#include "absl/time/clock.h"
#include <fmt/format.h>

#include "providers/http/retry.h"

namespace imglife {
namespace {

struct Quota {
  std::int64_t count = 0;
  std::int64_t seconds = 0;
};

bool TakeNumber(std::string_view& text, std::int64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

// "76;w=21600"
std::optional<Quota> ParseQuota(std::string_view text) {
  Quota quota;
  if (!TakeNumber(text, quota.count) || !text.starts_with(";w=")) return std::nullopt;
  text.remove_prefix(3);
  if (!TakeNumber(text, quota.seconds) || !text.empty()) return std::nullopt;
  return quota;
}

std::string WhenToComeBack(const HttpResponse& response) {
  const auto asked = ParseRetryAfter(response.Header("retry-after"), absl::Now());
  if (asked && *asked > absl::ZeroDuration()) {
    return fmt::format("try again in {}",
                       absl::FormatDuration(absl::Ceil(*asked, absl::Seconds(1))));
  }
  if (const auto budget = PullBudgetOf(response)) {
    return fmt::format("{} pulls may be made within {}, so some are allowed again before that ends",
                       budget->limit, absl::FormatDuration(budget->window));
  }
  return "try again in some hours";
}

}  // namespace

std::optional<PullBudget> PullBudgetOf(const HttpResponse& response) {
  const auto limit = ParseQuota(response.Header("ratelimit-limit"));
  const auto remaining = ParseQuota(response.Header("ratelimit-remaining"));
  if (!limit || !remaining) return std::nullopt;
  return PullBudget{limit->count, remaining->count, absl::Seconds(limit->seconds)};
}

bool IsPullLimit(const HttpResponse& response) {
  return IsSpentQuota(response.status, response.Header("ratelimit-remaining"), response.body);
}

absl::Status PullLimitReached(std::string_view what, const HttpResponse& response,
                              std::string_view advice) {
  return absl::UnavailableError(fmt::format("{}: the limit of pulls is reached (429): {}; {}", what,
                                            WhenToComeBack(response), advice));
}

}  // namespace imglife
