// The turn of a copy among those between the same two registries.
#pragma once

#include "absl/status/status.h"

#include "engine/apply/executor.h"
#include "engine/apply/result.h"

namespace imglife {

// One thread at a time. Both outlive it.
class TransferTurn {
 public:
  TransferTurn(const Action& action, const ExecutionContext& context)
      : action_(action), context_(context) {}

  // Waits until the action, which has read what it transfers, may transfer; who has begun goes on.
  // Cancelled if it never may, as the run ends.
  absl::Status Begin();
  // What the action comes to: `result`, unless it never had a turn. Then it has read, and nothing
  // else.
  ActionResult Outcome(ActionResult result) const;

 private:
  const Action& action_;
  const ExecutionContext& context_;
  bool refused_ = false;
};

}  // namespace imglife
