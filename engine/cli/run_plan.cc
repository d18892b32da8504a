#include "fmt/format.h"

#include "engine/cli/commands.h"
#include "engine/cli/exit_code.h"
#include "engine/cli/fail.h"
#include "engine/cli/load_config.h"
#include "engine/cli/planning.h"
#include "engine/cli/run_files.h"
#include "engine/cli/write_outputs.h"
#include "engine/plan/plan_file.h"
#include "engine/plan/words.h"
#include "providers/files.h"

namespace imglife {
namespace {

// What to do with a plan that was written.
std::string WhatNow(const SavedPlan& plan, const std::string& out) {
  const PlanSummary summary = Summarize(plan);
  if (summary.add + summary.change + summary.destroy > 0) {
    return fmt::format("`imglife apply {}` carries it out", out);
  }
  return summary.blocked > 0 ? "all that it has is blocked, so there is nothing to carry out"
                             : "there is nothing to carry out";
}

absl::Status Save(const SavedPlan& plan, const Session& session) {
  const std::string& out = session.options.out;
  const absl::Status saved = WriteFileAtomically(out, WritePlan(plan));
  if (saved.ok()) {
    session.console.Note(fmt::format("The plan is in {}; {}.", out, WhatNow(plan, out)));
  }
  return saved;
}

int Deliver(const SavedPlan& plan, const Session& session) {
  const absl::Status written = WriteOutputs(plan, session);
  if (!written.ok()) return Fail(session, written, kExitError);
  if (!plan.errors.empty()) {
    session.console.Error(fmt::format("the plan is not complete ({} above){}",
                                      CountText(plan.errors.size(), "error"),
                                      session.options.out.empty() ? "" : " and was not written"));
  } else if (!session.options.out.empty()) {
    const absl::Status saved = Save(plan, session);
    if (!saved.ok()) return Fail(session, saved, kExitError);
  }
  return PlanExitCode(plan, session.options.detailed_exitcode);
}

}  // namespace

int RunPlan(const Session& session) {
  const auto loaded =
      LoadPlannableConfig(session.options.common, session.environment, session.console);
  if (!loaded) return kExitError;
  const Config& config = loaded->config;
  const absl::Status files = CheckFiles(session.options, config);
  if (!files.ok()) return Fail(session, files, FilesExitCode(files));
  auto world = RealWorld::Create(config, session);
  if (!world.ok()) return Fail(session, world.status(), kExitError);
  const auto fresh = MakeFreshPlan(*loaded, session, kAllStages, **world);
  if (fresh.ok()) return Deliver(fresh->plan, session);
  return Fail(session, fresh.status(), PlanningExitCode(fresh.status()));
}

int RunShow(const Session& session) {
  const absl::Status files = CheckFiles(session.options);
  if (!files.ok()) return Fail(session, files, FilesExitCode(files));
  const auto content = ReadFile(session.options.plan_file);
  if (!content.ok()) return Fail(session, content.status(), kExitUnusablePlan);
  const auto plan = ReadPlan(*content);
  if (!plan.ok()) {
    const std::string message(plan.status().message());
    return Fail(session, absl::InvalidArgumentError(session.options.plan_file + ": " + message),
                kExitUnusablePlan);
  }
  const absl::Status written = WriteOutputs(*plan, session);
  return written.ok() ? kExitOk : Fail(session, written, kExitError);
}

}  // namespace imglife
