#include "engine/diff/commit_as_it_is.h"

#include <utility>

#include "fmt/format.h"

#include "engine/plan/words.h"

namespace imglife {

void PlanCommitAsItIs(const WrittenFile& file, const absl::StatusOr<bool>& uncommitted,
                      StageDiff& diff) {
  if (!uncommitted.ok()) {
    diff.warnings.push_back(fmt::format("whether {} is committed can't be told: {}", file.name,
                                        std::string(uncommitted.status().message())));
    return;
  }
  if (!*uncommitted) return;
  Action action;
  action.kind = ActionKind::kCommit;
  action.stage = file.stage;
  action.target = file.name;
  action.operation = Operation::kUpdate;
  action.cause = Cause::kPending;
  action.rule = file.rule;
  action.before = Digest::OfBytes(file.content).str();
  action.after = action.before;
  action.commit.content = file.content;
  action.commit.content_known = true;
  action.reason = "the file is as it should be, and not committed so";
  action.remarks = {"written already, not committed yet"};
  diff.actions.push_back(std::move(action));
}

void TellOfNoCommit(const std::string& section, const GitSettings& git, bool in_work_tree,
                    Action& action, StageDiff& diff) {
  if (!git.commit) {
    action.remarks.push_back(
        git.commit_by_option
            ? "written, not committed (--commit is not given)"
            : fmt::format("written, not committed ({}.git.commit is false)", section));
  } else if (!in_work_tree) {
    action.remarks.push_back("written, not committed (not in a git work tree)");
    diff.warnings.push_back(
        fmt::format("{} is written and not committed: it isn't in a git work tree; {}.git.commit: "
                    "false says that this is meant",
                    action.target, section));
  }
}

}  // namespace imglife
