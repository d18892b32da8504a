#include "providers/http/host_patience.h"

#include <algorithm>

namespace imglife {
namespace {

constexpr absl::Duration kGivenUpFor = absl::Minutes(1);

}  // namespace

void HostPatience::Answered(const std::string& host) {
  const std::lock_guard lock(mutex_);
  waits_.erase(host);
}

bool HostPatience::Waited(const std::string& host, absl::Time begun, absl::Time now,
                          const absl::Status& why) {
  const std::lock_guard lock(mutex_);
  const auto [at, is_first] = waits_.try_emplace(host, Wait{.since = begun, .last = begun});
  Wait& wait = at->second;
  const bool is_old = begun - wait.last > patience_;
  wait.since = is_old ? begun : std::min(wait.since, begun);
  wait.last = now;
  wait.why = why;
  if (now - wait.since >= patience_) wait.given_up_until = now + kGivenUpFor;
  return is_first;
}

std::optional<absl::Status> HostPatience::GivenUp(const std::string& host, absl::Time now) const {
  const std::lock_guard lock(mutex_);
  const auto at = waits_.find(host);
  if (at == waits_.end() || now >= at->second.given_up_until) return std::nullopt;
  return at->second.why;
}

}  // namespace imglife
