#include <filesystem>
#include <string>
#include <system_error>

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
constexpr std::string_view kAsInHead = "written as the last commit has it";

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
    if (!now.ok()) return Failed(now.status());
    const bool untouched = *now == action_.before;
    if (untouched && context_.dry_run) return Rehearse(action_.before == action_.after, *now);
    const auto content = Content();
    if (!content.ok()) return Failed(content.status());
    const std::string after = Digest::OfBytes(*content).str();
    // What is written already may still have to be committed.
    const bool written = after == *now;
    if (!untouched && !written) return BlockedByDrift(action_.before, *now);
    if (context_.dry_run) return Rehearse(written, *now);
    if (written) {
      const auto uncommitted = IsUncommitted();
      if (!uncommitted.ok()) return Failed(uncommitted.status());
      if (!*uncommitted) return {.state = ResultState::kSatisfied, .message = "", .now = after};
    }
    ActionResult result =
        Journaled(action_, context_, *now, {}, [&]() -> absl::StatusOr<std::string> {
          const absl::Status status = written ? CommitAsItIs() : WriteAndCommit(*content);
          if (!status.ok()) return status;
          return after;
        });
    if (result.state == ResultState::kOk) result.message = note_;
    return result;
  }

 private:
  ActionResult Rehearse(bool written, const std::string& now) const {
    if (!written) return {.state = ResultState::kOk, .message = "would be written"};
    const auto uncommitted = IsUncommitted();
    if (!uncommitted.ok()) return Failed(uncommitted.status());
    if (!*uncommitted) return {.state = ResultState::kSatisfied, .message = "", .now = now};
    return {.state = ResultState::kOk, .message = "would be committed"};
  }

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
    const absl::Status marks = CheckMarks(seen.observed.status_file_content.value_or(""));
    if (!marks.ok()) return marks;
    return PlaceBetweenMarks(seen.observed.status_file_content.value_or(""),
                             StatusAsMarkdown(MakeStatusReport(config_, seen.desired, seen.observed,
                                                               now, cleanup.actions)));
  }

  bool Commits() const { return git_.commit && context_.world->git->InWorkTree(path_); }

  // Is the file something else in git than it is here, where it belongs into git?
  absl::StatusOr<bool> IsUncommitted() const {
    if (!Commits()) return false;
    return context_.world->git->FileDiffersFromHead(path_);
  }

  // What can't be committed and pushed isn't written either: the next run must find the same to do.
  absl::Status WriteAndCommit(const std::string& content) {
    const absl::StatusOr<std::string> before = ReadFile(path_);
    if (!before.ok() && !absl::IsNotFound(before.status())) return before.status();
    const absl::Status written = WriteFileAtomically(path_, content);
    if (!written.ok()) return written;
    const absl::Status committed = Commit();
    if (committed.ok()) return committed;
    return Annotated(committed, PutBack(before));
  }

  absl::Status CommitAsItIs() {
    const absl::Status committed = Commit();
    return committed.ok() ? committed : Annotated(committed, absl::OkStatus());
  }

  absl::Status PutBack(const absl::StatusOr<std::string>& before) const {
    if (before.ok()) return WriteFileAtomically(path_, *before);
    std::error_code error;
    // What a symbolic link leads to, not the link.
    std::filesystem::remove(std::filesystem::canonical(path_, error), error);
    if (!error) return absl::OkStatus();
    return absl::UnknownError(fmt::format("can't remove {}: {}", path_, error.message()));
  }

  absl::Status Annotated(const absl::Status& failure, const absl::Status& put_back) const {
    const std::string state =
        put_back.ok() ? fmt::format("{} is as it was, and the next run tries again", action_.target)
                      : fmt::format("what was in {} before can't be put back: {}", action_.target,
                                    std::string(put_back.message()));
    return {failure.code(), fmt::format("{}; {}", std::string(failure.message()), state)};
  }

  absl::Status Commit() {
    if (!Commits()) {
      note_ = "written, not committed";
      return absl::OkStatus();
    }
    const GitCommit commit{.file = path_,
                           .message = Message(),
                           .author_name = git_.author_name,
                           .author_email = git_.author_email};
    return Pushes() ? CommitAndPush(commit) : CommitHere(commit);
  }

  absl::Status CommitHere(const GitCommit& commit) {
    const auto made = context_.world->git->CommitFile(commit);
    if (!made.ok()) return made.status();
    note_ = *made ? std::string_view("committed here, not pushed") : kAsInHead;
    return absl::OkStatus();
  }

  absl::Status CommitAndPush(const GitCommit& commit) {
    const auto branch = Branch();
    if (!branch.ok()) return branch.status();
    const auto made = context_.world->git->CommitAndPushFile(
        commit, {.remote = git_.remote,
                 .branch = *branch,
                 .token = context_.world->gitlab_token,
                 .token_hosts = context_.world->gitlab_hosts});
    if (!made.ok()) return made.status();
    note_ = *made ? std::string_view("committed and pushed") : kAsInHead;
    return absl::OkStatus();
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

  absl::StatusOr<std::string> Branch() const {
    if (!git_.branch.empty()) return git_.branch;
    if (!context_.world->ci_default_branch.empty()) return context_.world->ci_default_branch;
    const auto current = context_.world->git->CurrentBranch(path_);
    if (current.ok()) return current;
    return absl::FailedPreconditionError(
        fmt::format("{} can't be pushed: HEAD is detached; set {}.git.branch or CI_DEFAULT_BRANCH",
                    action_.target, action_.stage == Stage::kStatus ? "status" : "lifecycle"));
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
