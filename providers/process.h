// Child processes: git, docker, buildah, buildctl, hooks.
//
// Thread safety: any number of threads may call.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace imglife {

struct ProcessSpec {
  // argv[0] is looked up in PATH. No shell.
  std::vector<std::string> argv;
  std::string directory;  // empty: the current one
  // Added to (or replacing parts of) this process's environment. Values may be secret and are never
  // logged.
  std::map<std::string, std::string> environment;
  std::string input;
  std::optional<absl::Duration> timeout;
  // Output beyond this many bytes is dropped from the front.
  std::size_t max_output = std::size_t{1} << 20;
};

struct ProcessResult {
  int exit_code = 0;  // 128 + N if ended by signal N
  std::string out;
  std::string err;
};

class ProcessRunner {
 public:
  virtual ~ProcessRunner() = default;

  // Runs to its end in a process group of its own. A program that ran is a result whatever its exit
  // code. NotFound: no such program. DeadlineExceeded: the timeout passed and the whole group was
  // killed. Cancelled: StopAll or KillAll was called.
  virtual absl::StatusOr<ProcessResult> Run(const ProcessSpec& spec) = 0;

  // Ends every running group: SIGTERM, and SIGKILL five seconds later. Safe from any thread.
  virtual void StopAll() = 0;
  // The same with SIGKILL, at once. Returns when the groups are gone, or after two seconds.
  virtual void KillAll() = 0;
};

}  // namespace imglife
