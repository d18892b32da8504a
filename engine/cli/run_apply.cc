#include <iostream>
#include <string>

#include "fmt/format.h"

#include "engine/cli/carry_out.h"
#include "engine/cli/exit_code.h"
#include "engine/cli/load_config.h"
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

int Fail(const Session& session, const absl::Status& status, int code) {
  session.console.Error(std::string(status.message()));
  return code;
}

bool HasDeletions(const Plan& plan) {
  for (const Action& action : plan.actions) {
    if (action.kind == ActionKind::kDelete && !action.blocked) return true;
  }
  return false;
}

// Only `yes` goes on.
bool Asked() {
  std::cout << "\nDo you want to make these changes? Only 'yes' is accepted: " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "yes";
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

int ApplySaved(const Config& config, RealWorld& world, const Session& session) {
  const std::string& file = session.options.plan_file;
  const auto content = ReadFile(file);
  if (!content.ok()) return Fail(session, content.status(), kExitUnusablePlan);
  auto plan = ReadPlan(*content);
  if (!plan.ok()) {
    return Fail(session,
                absl::InvalidArgumentError(
                    fmt::format("{}: {}", file, std::string(plan.status().message()))),
                kExitUnusablePlan);
  }
  const absl::Status usable =
      CheckApplicable(*plan, config.digest.str(), world.world().clock->PolicyNow());
  if (!usable.ok()) {
    return Fail(
        session,
        absl::FailedPreconditionError(fmt::format("{}: {}", file, std::string(usable.message()))),
        kExitUnusablePlan);
  }
  const absl::Status fits = CheckFitsConfig(*plan, config);
  if (!fits.ok()) {
    return Fail(
        session,
        absl::InvalidArgumentError(fmt::format("{}: {}", file, std::string(fits.message()))),
        kExitUnusablePlan);
  }
  for (const std::string& warning : UnknownAllowances(session.options.overrides, *plan)) {
    session.console.Log(LogLevel::kWarn, warning);
  }
  const absl::Status lifted = LiftGuards(session.options.overrides, *plan);
  if (!lifted.ok()) return Fail(session, lifted, kExitError);
  if (!session.options.filter.empty()) {
    const absl::Status filtered = ApplyFilter(session.options.filter, *plan);
    if (!filtered.ok()) return Fail(session, filtered, kExitUsage);
  }
  return Finish(*plan, config, false, world, session);
}

int ApplyFresh(const Config& config, RealWorld& world, const Session& session) {
  const auto fresh = MakeFreshPlan(config, session.options, kAllStages, world);
  if (!fresh.ok()) {
    return Fail(session, fresh.status(), PlanningExitCode(fresh.status()));
  }
  const Plan* plan = &fresh->plan;
  session.console.Print(PlanAsText(*plan, session.console.color()));
  bool withhold = !session.options.auto_approve;
  if (withhold && session.console.interactive() && !session.options.dry_run &&
      !Summarize(*plan).empty()) {
    if (!Asked()) {
      session.console.Print("Nothing was changed.\n");
      return plan->errors.empty() ? kExitOk : kExitError;
    }
    withhold = false;
  }
  if (withhold && HasDeletions(*plan)) {
    session.console.Note(
        "Deletions are withheld: nobody has reviewed them. Apply a saved plan (`imglife plan --out "
        "FILE`, `imglife apply FILE`), or pass --auto-approve.");
  }
  return Finish(*plan, config, withhold, world, session);
}

}  // namespace

int RunApply(const Session& session) {
  const auto config =
      LoadPlannableConfig(session.options.common, session.environment, session.console);
  if (!config) return kExitError;
  const absl::Status files = CheckFiles(session.options, *config);
  if (!files.ok()) return Fail(session, files, FilesExitCode(files));
  auto world = RealWorld::Create(*config, session.environment);
  if (!world.ok()) return Fail(session, world.status(), kExitError);
  return session.options.plan_file.empty() ? ApplyFresh(*config, **world, session)
                                           : ApplySaved(*config, **world, session);
}

}  // namespace imglife
