// The turn of a copy among those between the same two registries.
#pragma once

#include "absl/status/status.h"

#include "engine/apply/executor.h"

namespace imglife {

// Waits until `action`, which has read what it transfers, may transfer. Cancelled if it never may,
// as the run ends.
absl::Status AwaitTransfer(const Action& action, const ExecutionContext& context);

}  // namespace imglife
