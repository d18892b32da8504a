// Hosts of which nothing comes, by silence or because they turn everybody away: a run must not wait
// for them as often as it has requests.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace imglife {

// A host is given up when all that was sent to it for `patience`, without a gap as long as that,
// came to nothing. It is asked again a minute later. Pure: the time comes from the caller. Thread
// safety: any number of threads may call.
class HostPatience {
 public:
  explicit HostPatience(absl::Duration patience) : patience_(patience) {}

  void Answered(const std::string& host);

  // A request that began at `begun` waited for nothing until `now`: `why` is what to say of it.
  // True if it is the first since the host answered last.
  bool Waited(const std::string& host, absl::Time begun, absl::Time now, const absl::Status& why);

  // What Waited was told, if the host is given up.
  std::optional<absl::Status> GivenUp(const std::string& host, absl::Time now) const;

 private:
  struct Wait {
    absl::Time since;
    absl::Time last;
    absl::Time given_up_until = absl::InfinitePast();
    absl::Status why;
  };

  const absl::Duration patience_;
  mutable std::mutex mutex_;
  std::map<std::string, Wait> waits_;
};

}  // namespace imglife
