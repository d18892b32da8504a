// A fresh plan, from the configuration and the world as they are now.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>

#include "absl/status/statusor.h"

#include "engine/cli/commands.h"
#include "engine/cli/load_config.h"
#include "engine/cli/real_world.h"
#include "engine/diff/look.h"
#include "engine/plan/plan_file.h"

namespace imglife {

inline const std::set<Stage> kAllStages = {Stage::kSync, Stage::kBuild, Stage::kEol, Stage::kStatus,
                                           Stage::kCleanup};

struct FreshPlan {
  SavedPlan plan;
  // How many actions of each kind there were before the filters of the command line.
  std::map<ActionKind, std::size_t> unfiltered;
  Observation seen;
};

// Looks at the world, and says on stderr if that takes long.
Observation LookWithHeartbeat(const Config& config, const std::set<Stage>& stages,
                              RegistryMemo& registry, const World& world, absl::Time policy_now,
                              Console& console);

// What the session's options ask for of `stages`; what can't be read is in the plan. With `stage`,
// only what that one needs of them, and the filters of the options choose from it. NotFound: a
// filter matches nothing; Unavailable: it may do so because something can't be read; other errors
// are those of the configuration (a cycle).
absl::StatusOr<FreshPlan> MakeFreshPlan(const PlannableConfig& plannable, const Session& session,
                                        const std::set<Stage>& stages, RealWorld& world,
                                        std::optional<Stage> stage = std::nullopt);

// A pattern that matches nothing is wrong usage; all other failures are errors.
int PlanningExitCode(const absl::Status& failed);

}  // namespace imglife
