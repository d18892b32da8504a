#include "providers/http/host_patience.h"

#include <algorithm>

namespace imglife {
namespace {

constexpr absl::Duration kGivenUpFor = absl::Minutes(1);

}  // namespace

void HostPatience::Answered(const std::string& host) {
  const std::lock_guard lock(mutex_);
  silences_.erase(host);
}

bool HostPatience::Waited(const std::string& host, absl::Time begun, absl::Time now,
                          const absl::Status& why) {
  const std::lock_guard lock(mutex_);
  const auto [at, is_first] = silences_.try_emplace(host, Silence{.since = begun});
  Silence& silence = at->second;
  silence.since = std::min(silence.since, begun);
  silence.why = why;
  if (now - silence.since >= patience_) silence.given_up_until = now + kGivenUpFor;
  return is_first;
}

std::optional<absl::Status> HostPatience::GivenUp(const std::string& host, absl::Time now) const {
  const std::lock_guard lock(mutex_);
  const auto at = silences_.find(host);
  if (at == silences_.end() || now >= at->second.given_up_until) return std::nullopt;
  return at->second.why;
}

}  // namespace imglife
