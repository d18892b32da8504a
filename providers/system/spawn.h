// Starting a child process.
#pragma once

#include <sys/types.h>

#include "absl/status/statusor.h"

#include "providers/process.h"

namespace imglife {

// Descriptors, none of them 0, 1 or 2, that become the child's standard streams.
struct ChildStreams {
  int in = -1;
  int out = -1;
  int err = -1;
};

// Starts the program in a session of its own, so that it leads a process group (of the returned
// number) and has no terminal: what would ask a person there fails instead of waiting for ever. No
// signal is blocked in it, SIGPIPE and those that end programs act as usual, and no other
// descriptor reaches it. NotFound names the program; FailedPrecondition: no such directory;
// InvalidArgument: an argument with a zero byte.
//
// Thread safety: any number of threads may call.
absl::StatusOr<pid_t> Spawn(const ProcessSpec& spec, const ChildStreams& streams);

}  // namespace imglife
