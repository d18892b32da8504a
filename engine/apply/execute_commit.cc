#include <string>

#include "fmt/format.h"
#include "fmt/ranges.h"

#include "engine/apply/executors.h"
#include "engine/apply/journaled.h"
#include "engine/apply/precondition.h"
#include "engine/diff/diff.h"
#include "engine/diff/look.h"
#include "engine/diff/unreadable.h"
#include "engine/report/status_report.h"
#include "providers/files.h"

namespace imglife {
namespace {

constexpr std::string_view kEolMessage = "chore(lifecycle): update EOL data [skip ci]";
constexpr std::string_view kStatusMessage = "chore(status): update image status report [skip ci]";

class CommitExecution {
 public:
  CommitExecution(const Action& action, const ExecutionContext& context)
      : action_(action),
        context_(context),
        config_(*context.config),
        path_(action.stage == Stage::kStatus ? config_.status.output
                                             : config_.lifecycle.eol_data_file),
        git_(action.stage == Stage::kStatus ? config_.status.git : config_.lifecycle.git) {}

  ActionResult Run() {
    const auto now = FileNow(path_);
    if (const auto settled = SettledBefore(action_, now)) return *settled;
    if (context_.dry_run) return {.state = ResultState::kOk, .message = "would be written"};
    const auto content = Content();
    if (!content.ok()) return Failed(content.status());
    const std::string after = Digest::OfBytes(*content).str();
    if (after == *now) return {.state = ResultState::kSatisfied, .message = "", .now = after};
    ActionResult result =
        Journaled(action_, context_, *now, {}, [&]() -> absl::StatusOr<std::string> {
          const absl::Status status = WriteAndCommit(*content);
          if (!status.ok()) return status;
          return after;
        });
    if (result.state == ResultState::kOk) result.message = note_;
    return result;
  }

 private:
  // The status report tells how things are after everything else that this apply did.
  absl::StatusOr<std::string> Content() {
    if (action_.commit.content_known) return action_.commit.content;
    const absl::Time now = context_.plan->policy_now;
    const Observation seen = Look(config_, {Stage::kSync, Stage::kBuild, Stage::kStatus},
                                  *context_.registry, *context_.world, now);
    const StageDiff cleanup = DiffCleanup(config_, seen.desired, seen.observed, now);
    const auto unreadable = Unreadable(seen, cleanup);
    if (!unreadable.empty()) {
      return absl::UnavailableError(fmt::format(
          "the report is not written, as it would have holes: {}", fmt::join(unreadable, "; ")));
    }
    return PlaceBetweenMarks(seen.observed.status_file_content.value_or(""),
                             StatusAsMarkdown(MakeStatusReport(config_, seen.desired, seen.observed,
                                                               now, cleanup.actions)));
  }

  absl::Status WriteAndCommit(const std::string& content) {
    const absl::Status written = WriteFileAtomically(path_, content);
    if (!written.ok()) return written;
    if (!git_.commit || !context_.world->git->InWorkTree(path_)) {
      note_ = "written, not committed";
      return absl::OkStatus();
    }
    const absl::Status committed =
        context_.world->git->CommitFile({.file = path_,
                                         .message = Message(),
                                         .author_name = git_.author_name,
                                         .author_email = git_.author_email});
    if (!committed.ok()) return committed;
    if (!Pushes()) {
      note_ = "committed here, not pushed";
      return absl::OkStatus();
    }
    note_ = "committed and pushed";
    return Push();
  }

  std::string Message() const {
    if (!git_.message.empty()) return git_.message;
    return std::string(action_.stage == Stage::kStatus ? kStatusMessage : kEolMessage);
  }

  bool Pushes() const {
    if (git_.push == GitPush::kAuto) {
      return context_.world->in_ci && !context_.world->gitlab_token.empty();
    }
    return git_.push == GitPush::kAlways;
  }

  absl::Status Push() {
    std::string branch = git_.branch.empty() ? context_.world->ci_default_branch : git_.branch;
    if (branch.empty()) {
      const auto current = context_.world->git->CurrentBranch(path_);
      if (!current.ok()) {
        return absl::FailedPreconditionError(fmt::format(
            "{} is committed but not pushed: HEAD is detached; set git.branch or CI_DEFAULT_BRANCH",
            action_.target));
      }
      branch = *current;
    }
    return context_.world->git->Push(path_, {.remote = git_.remote,
                                             .branch = branch,
                                             .token = context_.world->gitlab_token,
                                             .token_hosts = context_.world->gitlab_hosts});
  }

  const Action& action_;
  const ExecutionContext& context_;
  const Config& config_;
  const std::string& path_;
  const GitSettings& git_;
  std::string note_;
};

}  // namespace

ActionResult ExecuteCommit(const Action& action, const ExecutionContext& context) {
  return CommitExecution(action, context).Run();
}

}  // namespace imglife
