#include "engine/cli/planning.h"

#include <string>
#include <utility>

#include "fmt/format.h"
#include "fmt/ranges.h"

#include "engine/cli/exit_code.h"
#include "engine/cli/version.h"
#include "engine/diff/diff.h"
#include "engine/plan/filter.h"

namespace imglife {

namespace {

absl::Time WholeSeconds(absl::Time time) {
  return absl::FromUnixSeconds(absl::ToUnixSeconds(time));
}

}  // namespace

absl::Status FilterPlan(const Options& options, Plan& plan) {
  if (options.filter.empty()) return absl::OkStatus();
  const absl::Status filtered = ApplyFilter(options.filter, plan);
  if (filtered.ok()) return filtered;
  // Where something could not be read, a pattern may match nothing because of that.
  if (plan.errors.empty()) return absl::NotFoundError(filtered.message());
  return absl::UnavailableError(
      fmt::format("{}\n{}", fmt::join(plan.errors, "\n"), std::string(filtered.message())));
}

int PlanningExitCode(const absl::Status& failed) {
  return absl::IsNotFound(failed) ? kExitUsage : kExitError;
}

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
  const absl::Status filtered = FilterPlan(options, *plan);
  if (!filtered.ok()) return filtered;
  return FreshPlan{*std::move(plan), std::move(seen)};
}

}  // namespace imglife
