// Whether a saved plan speaks of what its configuration has.
#pragma once

#include "absl/status/status.h"

#include "engine/plan/plan.h"
#include "schema/config/config.h"

namespace imglife {

// InvalidArgument names the first action whose section or index the configuration doesn't have: it
// was not made from it, whatever its digest says. To be asked before anything runs.
absl::Status CheckFitsConfig(const Plan& plan, const Config& config);

}  // namespace imglife
