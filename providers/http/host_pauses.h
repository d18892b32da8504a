// Hosts that asked for less: everybody waits for them (registry.md, "A host that says 429 is slowed
// for everybody").
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "absl/time/time.h"

#include "providers/http/host_pace.h"

namespace imglife {

// Thread safety: any number of threads may call.
class HostPauses {
 public:
  // Nothing is sent to `host` before `until`.
  void Pause(const std::string& host, absl::Time until);
  // The host answered, with something else than 429.
  void Answered(const std::string& host);
  enum class Outcome {
    kTurn,     // the host may be asked
    kTooLong,  // at once: not before `give_up`
    kStopped,  // `stopped` said so
  };
  Outcome Wait(const std::string& host, absl::Time give_up, const std::function<bool()>& stopped);

 private:
  std::mutex mutex_;
  // Those that have asked for less.
  std::map<std::string, HostPace> paces_;
};

}  // namespace imglife
