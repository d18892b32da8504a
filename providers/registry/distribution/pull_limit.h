// Docker Hub's limit on pulls (https://docs.docker.com/docker-hub/usage/pulls, "View pull rate and
// limit"; protocol notes 3.5). Other registries send nothing of this.
#pragma once

#include <optional>
#include <string_view>

#include "absl/status/status.h"

#include "providers/registry.h"
#include "providers/transport.h"

namespace imglife {

// From "RateLimit-Limit: 100;w=21600" and "RateLimit-Remaining: 76;w=21600", which answers about
// manifests have. Nothing where one of them is missing or can't be read: such pulls aren't counted.
std::optional<PullBudget> PullBudgetOf(const HttpResponse& response);

// Is it the refusal of a pull too many? That one passes in hours; the other 429 of Docker Hub,
// against too many requests of any kind, in seconds.
bool IsPullLimit(const HttpResponse& response);

// Unavailable, with when to come back, and with `advice` on how to be allowed more.
absl::Status PullLimitReached(std::string_view what, const HttpResponse& response,
                              std::string_view advice);

}  // namespace imglife
