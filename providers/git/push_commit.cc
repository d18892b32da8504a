#include "providers/git/push_commit.h"

#include <string>

#include "fmt/format.h"

#include "providers/git/remote_branch.h"
#include "providers/git/transplant.h"

namespace imglife {
namespace {

class CommitPush {
 public:
  CommitPush(const GitCommand& git, const CommitDraft& draft, const RemoteBranch& branch)
      : git_(git), draft_(draft), branch_(branch) {}

  // False if somebody moved the branch meanwhile.
  absl::StatusOr<bool> Try() const {
    const auto tips = branch_.Look();
    if (!tips.ok()) return tips.status();
    if (!tips->branch.empty()) return PushOnto(*tips);
    return StartBranch(*tips);
  }

 private:
  absl::StatusOr<bool> PushOnto(const RemoteTips& tips) const {
    if (tips.branch == draft_.parent) return branch_.Push(tips.branch, draft_.commit);
    const auto theirs = branch_.FetchBranch();
    if (!theirs.ok()) return theirs.status();
    const auto moved = Transplant(git_, draft_.commit, *theirs);
    if (!moved.ok()) return moved.status();
    if (*moved == *theirs) return true;
    return branch_.Push(*theirs, *moved);
  }

  absl::StatusOr<bool> StartBranch(const RemoteTips& tips) const {
    if (draft_.parent.empty() || draft_.parent == tips.head) {
      return branch_.Push("", draft_.commit);
    }
    if (tips.head.empty()) {
      return absl::FailedPreconditionError(
          fmt::format("there is no branch for {} to start from, and the commits before this one "
                      "are not imglife's to push; push them first",
                      branch_.place()));
    }
    const auto start = branch_.FetchHead();
    if (!start.ok()) return start.status();
    const auto known = git_.Run({"merge-base", "--is-ancestor", draft_.parent, *start});
    if (!known.ok()) return known.status();
    if (known->exit_code == 0) return branch_.Push("", draft_.commit);
    const auto moved = Transplant(git_, draft_.commit, *start);
    if (!moved.ok()) return moved.status();
    return branch_.Push("", *moved);
  }

  const GitCommand& git_;
  const CommitDraft& draft_;
  const RemoteBranch& branch_;
};

}  // namespace

absl::Status PushCommit(const GitCommand& git, const CommitDraft& draft, const GitPushSpec& spec) {
  const auto branch = RemoteBranch::At(git, spec);
  if (!branch.ok()) return branch.status();
  const CommitPush push(git, draft, *branch);
  auto pushed = push.Try();
  if (pushed.ok() && !*pushed) pushed = push.Try();
  if (pushed.ok() && *pushed) return absl::OkStatus();
  if (pushed.ok()) {
    return absl::AbortedError(
        fmt::format("the commit is not pushed to {}: the branch changed again while this was being "
                    "pushed; run again",
                    branch->place()));
  }
  if (!absl::IsAborted(pushed.status())) return pushed.status();
  return absl::AbortedError(
      fmt::format("the commit is not pushed to {}: {}; bring the two together "
                  "(git pull, git push) and run again",
                  branch->place(), std::string(pushed.status().message())));
}

}  // namespace imglife
