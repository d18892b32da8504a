#include <optional>
#include <set>
#include <string>

#include "fmt/format.h"

#include "engine/cli/build_contexts.h"
#include "engine/cli/carry_out.h"
#include "engine/cli/exit_code.h"
#include "engine/cli/fail.h"
#include "engine/cli/load_config.h"
#include "engine/cli/planning.h"
#include "engine/cli/rebuild_names.h"
#include "engine/cli/run_files.h"
#include "engine/cli/stage_extent.h"
#include "engine/cli/stage_summary.h"
#include "engine/plan/plan_file.h"
#include "engine/report/plan_text.h"
#include "providers/files.h"

namespace imglife {
namespace {

// A stage, and what has to be planned so that it is planned right.
struct StagePlan {
  Stage stage;
  std::set<Stage> stages;
};

// A build takes the copies along that it needs, and a deletion the copies and builds of its
// repository: it must not run where one of them fails. The other stages stand alone.
StagePlan StagesOf(Command command) {
  switch (command) {
    case Command::kSync:
      return {Stage::kSync, {Stage::kSync}};
    case Command::kBuild:
      return {Stage::kBuild, {Stage::kSync, Stage::kBuild}};
    case Command::kEolUpdate:
      return {Stage::kEol, {Stage::kEol}};
    default:
      return {Stage::kCleanup, {Stage::kSync, Stage::kBuild, Stage::kCleanup}};
  }
}

// `imglife eol update` only writes the file unless it is asked to commit.
void ApplyEolOptions(const Options& options, Config& config) {
  LifecycleSection& lifecycle = config.lifecycle;
  lifecycle.git.commit = options.commit || options.push;
  lifecycle.git.commit_by_option = true;
  lifecycle.git.push = options.push ? GitPush::kAlways : GitPush::kNever;
  if (options.data_file.empty()) return;
  lifecycle.eol_data_file = options.data_file;
  lifecycle.eol_data_file_as_written = options.data_file;
}

// What was asked for and can't be done is said before anything is fetched or written.
absl::Status CheckCommits(const Options& options, const Config& config, GitRepository& git) {
  if (!options.commit && !options.push) return absl::OkStatus();
  if (git.InWorkTree(config.lifecycle.eol_data_file)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("{}: can't commit {}: it isn't in a git work tree, or there is no git; nothing "
                  "was written",
                  options.push ? "--push" : "--commit", config.lifecycle.eol_data_file_as_written));
}

void SayProblems(const Plan& plan, Console& console) {
  for (const std::string& warning : plan.warnings) console.Log(LogLevel::kWarn, warning);
  for (const std::string& error : plan.errors) console.Error(error);
}

// `git diff`, by which pipelines tell whether there is something to commit, passes over new files.
void WarnOfNewFile(const Config& config, const Observed& before, GitRepository& git,
                   Console& console) {
  const LifecycleSection& lifecycle = config.lifecycle;
  if (before.eol_file_content || lifecycle.git.commit) return;
  if (!ReadFile(lifecycle.eol_data_file).ok() || !git.InWorkTree(lifecycle.eol_data_file)) return;
  console.Log(LogLevel::kWarn,
              fmt::format("{0} is new, and `git diff` shows nothing of a file that was never "
                          "committed: `git add {0}` and commit it once, or use --commit",
                          lifecycle.eol_data_file_as_written));
}

int List(const SavedPlan& plan, const Session& session) {
  session.console.Print(session.options.json ? WritePlan(plan)
                                             : PlanAsText(plan, session.console.color()));
  return plan.errors.empty() ? kExitOk : kExitError;
}

absl::StatusOr<FreshPlan> PlanStage(const StagePlan& wanted, const PlannableConfig& config,
                                    RealWorld& world, const Session& session) {
  const bool alone = wanted.stages.size() == 1;
  return MakeFreshPlan(config, session, wanted.stages, world,
                       alone ? std::nullopt : std::optional<Stage>(wanted.stage));
}

}  // namespace

int RunStage(const Session& session) {
  const StagePlan wanted = StagesOf(session.options.command);
  auto loaded = LoadPlannableConfig(session.options.common, session.environment, session.console);
  if (!loaded) return kExitError;
  Config& config = loaded->config;
  const absl::Status files = CheckFiles(session.options, config);
  if (!files.ok()) return Fail(session, files, FilesExitCode(files));
  const absl::Status named = CheckRebuildNames(config, session.options.rebuild);
  if (!named.ok()) return Fail(session, named, kExitUsage);
  if (wanted.stage == Stage::kEol) ApplyEolOptions(session.options, config);
  auto world = RealWorld::Create(config, session);
  if (!world.ok()) return Fail(session, world.status(), kExitError);
  const absl::Status commits = CheckCommits(session.options, config, *(*world)->world().git);
  if (!commits.ok()) return Fail(session, commits, kExitError);
  const auto fresh = PlanStage(wanted, *loaded, **world, session);
  if (!fresh.ok()) {
    return Fail(session, fresh.status(), PlanningExitCode(fresh.status()));
  }
  if (session.options.list) return List(fresh->plan, session);
  SayProblems(fresh->plan, session.console);
  const StageExtent extent = ExtentOf(wanted.stage, config, *fresh);
  if (!session.options.output_dir.empty()) {
    return WriteBuildContexts(session.options.output_dir, config, fresh->plan, extent, **world,
                              session.console, session.options.dry_run);
  }
  const CarriedOut done = CarryOut(fresh->plan, config, false, **world, session);
  session.console.Print(
      session.options.dry_run
          ? DryRunSummary(wanted.stage, fresh->plan, done.results, extent, done.took)
          : StageSummary(wanted.stage, fresh->plan, done.results, extent, done.took));
  if (wanted.stage == Stage::kEol) {
    WarnOfNewFile(config, fresh->seen.observed, *(*world)->world().git, session.console);
  }
  return done.exit_code;
}

}  // namespace imglife
