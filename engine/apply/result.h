// How actions end (plan-apply.md, "apply").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace imglife {

enum class ResultState {
  kOk,
  kSatisfied,  // already so; nothing was done
  kFailed,
  kSkipped,      // something that it needs failed
  kBlocked,      // a guard or drift
  kWithheld,     // a deletion that nobody reviewed
  kCancelled,    // never started
  kInterrupted,  // outcome unknown
};

// "ok", "satisfied", …
std::string_view ResultStateName(ResultState state);

struct ActionResult {
  ResultState state = ResultState::kCancelled;
  // Of what is blocked: the guard, or "drift".
  std::string guard;
  // Of a hook that is ok: its command failed, and may (continue_on_error).
  bool excused = false;
  // Of a hook that was cancelled or interrupted: it was due for what this run has made.
  bool missed = false;
  // For people: why it failed, was skipped, blocked or withheld; of what is done, what it had to
  // leave as it was.
  std::string message;
  // What the target is now, where that was read: a digest or kAbsent.
  std::string now;
  // Of a copy: bytes of blobs and manifests that went to the target.
  std::int64_t sent = 0;
  absl::Duration took = absl::ZeroDuration();
};

// Of what the end of the run came before: it has read at most.
ActionResult NeverStarted();

}  // namespace imglife
