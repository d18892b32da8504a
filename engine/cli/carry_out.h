// Applies a plan in front of people: signals, progress, journal, closing line.
#pragma once

#include <vector>

#include "engine/apply/apply.h"
#include "engine/cli/commands.h"
#include "engine/cli/real_world.h"
#include "engine/plan/plan.h"
#include "schema/config/config.h"

namespace imglife {

struct CarriedOut {
  ApplyCounts counts;
  std::vector<ActionResult> results;
  absl::Duration took;
  int exit_code = 0;
};

// `withhold_deletions`: nobody has reviewed them. Prints no closing line; every command has its
// own.
CarriedOut CarryOut(const Plan& plan, const Config& config, bool withhold_deletions,
                    RealWorld& world, const Session& session);

}  // namespace imglife
