// A fresh plan, from the configuration and the world as they are now.
#pragma once

#include <set>

#include "absl/status/statusor.h"

#include "engine/cli/options.h"
#include "engine/cli/real_world.h"
#include "engine/diff/look.h"
#include "engine/plan/plan.h"

namespace imglife {

inline const std::set<Stage> kAllStages = {Stage::kSync, Stage::kBuild, Stage::kEol, Stage::kStatus,
                                           Stage::kCleanup};

struct FreshPlan {
  Plan plan;
  Observation seen;
};

// What `options` ask for of `stages`. Errors are wrong filters, and cycles among images; what can't
// be read is in the plan.
absl::StatusOr<FreshPlan> MakeFreshPlan(const Config& config, const Options& options,
                                        const std::set<Stage>& stages, RealWorld& world);

}  // namespace imglife
