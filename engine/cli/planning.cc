#include "engine/cli/planning.h"

#include <utility>

#include "engine/cli/version.h"
#include "engine/diff/diff.h"
#include "engine/plan/filter.h"

namespace imglife {

namespace {

absl::Time WholeSeconds(absl::Time time) {
  return absl::FromUnixSeconds(absl::ToUnixSeconds(time));
}

}  // namespace

absl::StatusOr<FreshPlan> MakeFreshPlan(const Config& config, const Options& options,
                                        const std::set<Stage>& stages, RealWorld& world) {
  const absl::Time policy_now = WholeSeconds(world.world().clock->PolicyNow());
  Observation seen = Look(config, stages, world.registry(), world.world(), policy_now);
  auto plan = MakePlan(config, seen.desired, seen.observed,
                       {.stages = stages,
                        .created_at = WholeSeconds(world.world().clock->Now()),
                        .policy_now = policy_now,
                        .expires_after = options.expires,
                        .overrides = options.overrides,
                        .rebuild = options.rebuild,
                        .imglife_version = std::string(kVersion)});
  if (!plan.ok()) return plan.status();
  if (!options.filter.empty()) {
    const absl::Status filtered = ApplyFilter(options.filter, *plan);
    if (!filtered.ok()) return filtered;
  }
  return FreshPlan{*std::move(plan), std::move(seen)};
}

}  // namespace imglife
