#include "engine/cli/planning.h"

#include <string>
#include <utility>

#include "fmt/format.h"
#include "fmt/ranges.h"

#include "engine/apply/last_written.h"
#include "engine/cli/exit_code.h"
#include "engine/cli/heartbeat.h"
#include "engine/cli/plan_inputs.h"
#include "engine/cli/run_files.h"
#include "engine/cli/version.h"
#include "engine/diff/diff.h"
#include "engine/diff/look_at_bases.h"
#include "engine/diff/pulls.h"
#include "engine/plan/filter.h"

namespace imglife {

namespace {

absl::Time WholeSeconds(absl::Time time) {
  return absl::FromUnixSeconds(absl::ToUnixSeconds(time));
}

absl::Status Filter(const PlanFilter& filter, Plan& plan) {
  if (filter.empty()) return absl::OkStatus();
  const absl::Status filtered = ApplyFilter(filter, plan);
  if (filtered.ok()) return filtered;
  // Where something could not be read, a pattern may match nothing because of that.
  if (plan.errors.empty()) return absl::NotFoundError(filtered.message());
  return absl::UnavailableError(
      fmt::format("{}\n{}", fmt::join(plan.errors, "\n"), std::string(filtered.message())));
}

// Will this very run carry the plan out, with all that planning has read at hand?
bool AppliesNow(const Options& options) {
  return options.command != Command::kPlan && !options.list;
}

}  // namespace

int PlanningExitCode(const absl::Status& failed) {
  return absl::IsNotFound(failed) ? kExitUsage : kExitError;
}

Observation LookWithHeartbeat(const Config& config, const std::set<Stage>& stages,
                              RegistryMemo& registry, const World& world, absl::Time policy_now,
                              Console& console) {
  const Heartbeat reading("reading the registries", console);
  return Look(config, stages, registry, world, policy_now);
}

absl::StatusOr<FreshPlan> MakeFreshPlan(const PlannableConfig& plannable, const Session& session,
                                        const std::set<Stage>& stages, RealWorld& world,
                                        std::optional<Stage> stage) {
  const Options& options = session.options;
  const Config& config = plannable.config;
  const absl::Time policy_now = WholeSeconds(world.world().clock->PolicyNow());
  World seen_world = world.world();
  seen_world.last_written = [&] { return ReadLastWritten(JournalPath(options, config)); };
  Observation seen =
      LookWithHeartbeat(config, stages, world.registry(), seen_world, policy_now, session.console);
  LookAtBases(config, stages, options.rebuild, world.registry(), seen);
  auto plan = MakePlan(config, seen.desired, seen.observed,
                       {.stages = stages,
                        .created_at = WholeSeconds(world.world().clock->Now()),
                        .policy_now = policy_now,
                        .expires_after = options.expires,
                        .overrides = options.overrides,
                        .rebuild = options.rebuild,
                        .imglife_version = std::string(kVersion)});
  if (!plan.ok()) return plan.status();
  absl::Status filtered = stage ? KeepStage(*stage, *plan) : absl::OkStatus();
  std::map<ActionKind, std::size_t> unfiltered;
  for (const Action& action : plan->actions) ++unfiltered[action.kind];
  if (filtered.ok()) filtered = Filter(options.filter, *plan);
  if (!filtered.ok()) return filtered;
  PlanInputs inputs = plannable.inputs;
  inputs.merge(TemplateInputs(*plan, config, seen.observed.contexts));
  CountPulls(seen.observed, world.registry(), AppliesNow(options), *plan);
  return FreshPlan{SavedPlan(*std::move(plan), std::move(inputs)), std::move(unfiltered),
                   std::move(seen)};
}

}  // namespace imglife
