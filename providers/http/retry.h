// When a request is sent again, and after how long. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace imglife {

// How often a request is tried, and how long at most (registry.md, Retries).
inline constexpr int kMostTries = 5;
inline constexpr absl::Duration kMostRetryTime = absl::Minutes(2);

// What came of one try.
struct TryResult {
  // Of the answer, or 0 if none came.
  int http_status = 0;
  // Why none came.
  absl::StatusCode failure = absl::StatusCode::kOk;
  // The request may have reached the server.
  bool sent = true;
  // IsSpentQuota of the answer.
  bool quota_spent = false;
};

// May another try end otherwise, and do no harm? Yes where nothing was sent, or where the request
// may be repeated and the connection broke, stalled, or the answer is a transient one. Waiting for
// a quota is nothing that a run can do.
bool MayRetry(const TryResult& result, bool idempotent);

// 408, 429, 500, 502, 503, 504: the server may well answer otherwise in a moment (registry.md).
bool IsTransientStatus(int status);

// A 429 because of a quota that takes longer to come back than any retry lasts, and that other
// requests need not share: Docker Hub's limit of pulls in 6 hours, which HEADs don't touch
// (protocol notes 3.5). Told by RateLimit-Remaining ("0;w=21600"), or by Hub's words.
bool IsSpentQuota(int status, std::string_view ratelimit_remaining, std::string_view body);

// The `random` of the delays below: from 0 to 1, another each time. Any number of threads may call.
double RandomShare();

// Before try `tries_made` + 1: a quarter of a second, doubled with each try, at most 30 s, of which
// `random` (0 to 1) decides over the second half, so that many clients don't come back together.
absl::Duration BackoffDelay(int tries_made, double random);

// BackoffDelay, or what the server asked for (at most an hour: what it says of later is not worth
// remembering), and a quarter of a second at random, for the same reason.
absl::Duration RetryDelay(int tries_made, double random, std::optional<absl::Duration> asked);

// RFC 9110, 10.2.3: seconds, or a date that is compared with `now`. A date in the past is no wait.
// Nothing if it is neither.
std::optional<absl::Duration> ParseRetryAfter(std::string_view value, absl::Time now);

// The wait that an answer's headers ask for: Retry-After, else X-Retry-After, in which Docker Hub's
// API writes the Unix time from when on it may be asked again (protocol notes 3.5).
std::optional<absl::Duration> AskedWait(std::string_view retry_after,
                                        std::string_view x_retry_after, absl::Time now);

}  // namespace imglife
