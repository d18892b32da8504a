// One pure diff per stage (stages.md).
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "engine/diff/stage_diff.h"
#include "engine/observe/desired.h"
#include "engine/observe/observed.h"
#include "engine/plan/guards.h"
#include "engine/plan/plan.h"
#include "schema/config/config.h"

namespace imglife {

// Missing tags, and with check_digest those that upstream moved.
StageDiff DiffSync(const Config& config, const Desired& desired, const Observed& observed);

// Images that are absent or whose inputs differ. `sync` tells which bases are about to be copied.
// `rebuild` holds globs over image names that are built whatever their inputs.
StageDiff DiffBuild(const Config& config, const Desired& desired, const Observed& observed,
                    const StageDiff& sync, const std::vector<std::string>& rebuild);

// The commit of the EOL data file.
StageDiff DiffEol(const Config& config, const Desired& desired, const Observed& observed,
                  absl::Time policy_now);

// Tags that retention would let go, by repository, before guards: what ObserveDeletions has to look
// at.
std::map<Repository, std::vector<std::string>> RetentionCandidates(const Config& config,
                                                                   const Desired& desired,
                                                                   const Observed& observed,
                                                                   absl::Time policy_now);

// Tags that the retention policy lets go, with archive copies before them. Guards 1 and 5 are
// judged here, 2 to 4 by ApplyGuards. Nothing is deleted in repositories in which something is
// `unplanned`.
StageDiff DiffCleanup(const Config& config, const Desired& desired, const Observed& observed,
                      absl::Time policy_now, const std::set<Repository>& unplanned = {});

// Warnings that name what is below build.registry and belongs to nothing.
StageDiff ReportOrphans(const Config& config, const Observed& observed);

// The commit of the status file, if status.output is set. `others` is everything else that is
// planned.
StageDiff DiffStatus(const Config& config, const Desired& desired, const Observed& observed,
                     absl::Time policy_now, const std::vector<Action>& others);

struct PlanRequest {
  std::set<Stage> stages;  // planned; all of them for `plan` and `apply`
  absl::Time created_at;
  absl::Time policy_now;
  absl::Duration expires_after = absl::Hours(24);
  GuardOverrides overrides;
  std::vector<std::string> rebuild;
  std::string imglife_version;
};

// All stages, hooks, edges, order and guards: the plan, complete but for filters.
absl::StatusOr<Plan> MakePlan(const Config& config, const Desired& desired,
                              const Observed& observed, const PlanRequest& request);

}  // namespace imglife
