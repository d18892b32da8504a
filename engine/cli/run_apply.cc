#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "fmt/format.h"

#include "engine/cli/ask.h"
#include "engine/cli/carry_out.h"
#include "engine/cli/exit_code.h"
#include "engine/cli/fail.h"
#include "engine/cli/load_config.h"
#include "engine/cli/plan_inputs.h"
#include "engine/cli/planning.h"
#include "engine/cli/run_files.h"
#include "engine/plan/filter.h"
#include "engine/plan/fits_config.h"
#include "engine/plan/guards.h"
#include "engine/plan/plan_file.h"
#include "engine/report/apply_text.h"
#include "engine/report/plan_text.h"
#include "providers/files.h"

namespace imglife {
namespace {

constexpr char kQuestion[] = "\nDo you want to make these changes? Only 'yes' is accepted: ";

bool HasDeletions(const Plan& plan) {
  for (const Action& action : plan.actions) {
    if (action.kind == ActionKind::kDelete && !action.blocked) return true;
  }
  return false;
}

bool HasSomethingToRun(const Plan& plan) {
  const PlanSummary summary = Summarize(plan);
  return summary.add + summary.change + summary.destroy > 0;
}

// Nothing was started: the plan is accounted for all the same.
ApplyCounts CountsOfNothingStarted(const Plan& plan) {
  std::vector<ActionResult> results(plan.actions.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (plan.actions[i].blocked) results[i].state = ResultState::kBlocked;
  }
  return Count(plan, results);
}

int Decline(const Plan& plan, const Session& session) {
  session.console.Print("Nothing was changed.\n");
  session.console.Print(ApplyClosing(CountsOfNothingStarted(plan), false, absl::ZeroDuration()));
  if (session.signals.ExitCode() != 0) return session.signals.ExitCode();
  return plan.errors.empty() ? kExitOk : kExitError;
}

int Finish(const Plan& plan, const Config& config, bool withhold, RealWorld& world,
           const Session& session) {
  const CarriedOut done = CarryOut(plan, config, withhold, world, session);
  if (session.options.dry_run) {
    session.console.Print(DryRunClosing(done.counts));
    return done.exit_code;
  }
  const bool complete = done.exit_code == kExitOk || done.exit_code == kExitBlocked;
  session.console.Print(ApplyClosing(done.counts, complete, done.took));
  return done.exit_code;
}

int FailPlan(const Session& session, const absl::Status& status, int code) {
  session.console.Error(
      fmt::format("{}: {}", session.options.plan_file, std::string(status.message())));
  return code;
}

bool IsThere(const std::string& file) {
  std::error_code ignored;
  return std::filesystem::exists(file, ignored);
}

// Where people name no configuration, the plan's own is meant if it can be found from here.
absl::StatusOr<CommonOptions> OptionsFor(const Plan& plan, const CommonOptions& given) {
  CommonOptions options = given;
  if (!options.config.empty()) return options;
  if (IsThere(plan.config_path)) options.config = plan.config_path;
  if (IsThere(ConfigPath(options))) return options;
  return absl::NotFoundError(
      fmt::format("the plan was made for the configuration {}, which is not there from this "
                  "directory; name it with --config or IMGLIFE_CONFIG",
                  plan.config_path));
}

absl::Status CheckInputs(const SavedPlan& plan, const PlannableConfig& loaded) {
  PlanInputs now = loaded.inputs;
  now.merge(TemplateInputs(plan, loaded.config, ReadImageFolders(loaded.config)));
  return CheckSameInputs(plan, now);
}

absl::Status CheckUsable(const SavedPlan& plan, const PlannableConfig& loaded, absl::Time now) {
  const Config& config = loaded.config;
  const absl::Status applicable = CheckApplicable(plan, config.digest.str(), now);
  if (applicable.ok()) {
    absl::Status same = CheckInputs(plan, loaded);
    same.Update(CheckFitsConfig(plan, config));
    return same;
  }
  if (plan.config_digest == config.digest.str() || plan.config_path == config.file) {
    return applicable;
  }
  return absl::FailedPreconditionError(fmt::format(
      "{}; {} was read: if the plan's configuration is elsewhere, name it with --config",
      std::string(applicable.message()), config.file));
}

int ApplySaved(SavedPlan& plan, const PlannableConfig& loaded, RealWorld& world,
               const Session& session) {
  const absl::Status usable = CheckUsable(plan, loaded, world.world().clock->PolicyNow());
  if (!usable.ok()) return FailPlan(session, usable, kExitUnusablePlan);
  for (const std::string& warning : UnknownAllowances(session.options.overrides, plan)) {
    session.console.Log(LogLevel::kWarn, warning);
  }
  const absl::Status lifted = LiftGuards(session.options.overrides, plan);
  if (!lifted.ok()) return Fail(session, lifted, kExitError);
  if (!session.options.filter.empty()) {
    const absl::Status filtered = ApplyFilter(session.options.filter, plan);
    if (!filtered.ok()) return Fail(session, filtered, kExitUsage);
  }
  return Finish(plan, loaded.config, false, world, session);
}

int RunApplySaved(const Session& session) {
  const auto content = ReadFile(session.options.plan_file);
  if (!content.ok()) return Fail(session, content.status(), kExitUnusablePlan);
  auto plan = ReadPlan(*content);
  if (!plan.ok()) return FailPlan(session, plan.status(), kExitUnusablePlan);
  const auto options = OptionsFor(*plan, session.options.common);
  if (!options.ok()) return FailPlan(session, options.status(), kExitUnusablePlan);
  const auto loaded = LoadPlannableConfig(*options, session.environment, session.console);
  if (!loaded) return kExitError;
  const absl::Status files = CheckFiles(session.options, loaded->config);
  if (!files.ok()) return Fail(session, files, FilesExitCode(files));
  auto world = RealWorld::Create(loaded->config, session);
  if (!world.ok()) return Fail(session, world.status(), kExitError);
  return ApplySaved(*plan, *loaded, **world, session);
}

int ApplyFresh(const PlannableConfig& loaded, RealWorld& world, const Session& session) {
  const auto fresh = MakeFreshPlan(loaded, session, kAllStages, world);
  if (!fresh.ok()) {
    return Fail(session, fresh.status(), PlanningExitCode(fresh.status()));
  }
  const Plan* plan = &fresh->plan;
  session.console.Print(PlanAsText(*plan, session.console.color()));
  bool withhold = !session.options.auto_approve;
  if (withhold && session.console.interactive() && !session.options.dry_run &&
      HasSomethingToRun(*plan)) {
    if (!Ask(kQuestion, session)) return Decline(*plan, session);
    withhold = false;
  }
  if (withhold && HasDeletions(*plan)) {
    session.console.Note(
        "Deletions are withheld: nobody has reviewed them. Apply a saved plan (`imglife plan --out "
        "FILE`, `imglife apply FILE`), or pass --auto-approve.");
  }
  return Finish(*plan, loaded.config, withhold, world, session);
}

}  // namespace

int RunApply(const Session& session) {
  if (!session.options.plan_file.empty()) return RunApplySaved(session);
  const auto loaded =
      LoadPlannableConfig(session.options.common, session.environment, session.console);
  if (!loaded) return kExitError;
  const absl::Status files = CheckFiles(session.options, loaded->config);
  if (!files.ok()) return Fail(session, files, FilesExitCode(files));
  auto world = RealWorld::Create(loaded->config, session);
  if (!world.ok()) return Fail(session, world.status(), kExitError);
  return ApplyFresh(*loaded, **world, session);
}

}  // namespace imglife
