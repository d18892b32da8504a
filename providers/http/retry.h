// When a request is sent again, and after how long. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "absl/time/time.h"

namespace imglife {

// 408, 429, 500, 502, 503, 504: the server may well answer otherwise in a moment (registry.md).
bool IsTransientStatus(int status);

// Before try `tries_made` + 1: a quarter of a second, doubled with each try, at most 30 s, of which
// `random` (0 to 1) decides over the second half, so that many clients don't come back together.
absl::Duration BackoffDelay(int tries_made, double random);

// RFC 9110, 10.2.3: seconds, or a date that is compared with `now`. A date in the past is no wait.
// Nothing if it is neither.
std::optional<absl::Duration> ParseRetryAfter(std::string_view value, absl::Time now);

}  // namespace imglife
