// Hosts that asked for less: everybody waits for them (registry.md, "A host that says 429 is slowed
// for everybody").
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "absl/time/time.h"

namespace imglife {

// Thread safety: any number of threads may call.
class HostPauses {
 public:
  // Nothing is sent to `host` before `until`.
  void Pause(const std::string& host, absl::Time until);
  // True when `host` may be asked; false at once if that is not before `give_up`.
  bool Wait(const std::string& host, absl::Time give_up);

 private:
  std::mutex mutex_;
  std::map<std::string, absl::Time> until_;
};

}  // namespace imglife
