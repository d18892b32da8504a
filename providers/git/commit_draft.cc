#include "providers/git/commit_draft.h"

#include <utility>
#include <vector>

#include "fmt/format.h"

#include "providers/git/commit_identity.h"
#include "providers/git/scratch_git_directory.h"

namespace imglife {
namespace {

std::string Pathspec(const std::string& name) {
  return fmt::format(":(literal){}", name);
}

absl::StatusOr<bool> Succeeds(const GitCommand& git, std::vector<std::string> question,
                              const GitCall& call = {}) {
  const auto result = git.Run(std::move(question), call);
  if (!result.ok()) return result.status();
  if (result->exit_code > 1) return ExplainGitFailure(*result);
  return result->exit_code == 0;
}

// HEAD with the file as it is in the work tree on top.
class StagedFile {
 public:
  static absl::StatusOr<StagedFile> Create(const GitCommand& git, const std::string& name,
                                           ScratchGitDirectory::NewObjects objects) {
    const auto head = git.Run({"rev-parse", "--verify", "--quiet", "HEAD^{commit}"});
    if (!head.ok()) return head.status();
    if (IsDubiousOwnership(*head)) return ExplainGitFailure(*head);
    // Before the first commit there is none.
    std::string parent = head->out.substr(0, head->out.find('\n'));
    auto scratch = ScratchGitDirectory::Create(git, parent, objects);
    if (!scratch.ok()) return scratch.status();
    const absl::Status added = Add(git, name, scratch->Within());
    if (!added.ok()) return added;
    return StagedFile(*std::move(scratch), std::move(parent));
  }

  const std::string& parent() const { return parent_; }

  absl::StatusOr<bool> DiffersFromHead(const GitCommand& git) const {
    const auto same = Succeeds(
        git, {"diff", "--cached", "--quiet", "--no-ext-diff", "--no-textconv"}, scratch_.Within());
    if (!same.ok()) return same.status();
    return !*same;
  }

  absl::StatusOr<std::string> Commit(const GitCommand& git, const std::string& name,
                                     const GitCommit& commit) const {
    auto identity = IdentityFor(git, commit);
    if (!identity.ok()) return identity.status();
    const auto made =
        git.Run({"commit", "--quiet", "--no-gpg-sign", "--cleanup=whitespace", "--file=-"},
                scratch_.Within({.input = commit.message, .environment = *std::move(identity)}));
    if (!made.ok()) return made.status();
    if (made->exit_code != 0) {
      return absl::FailedPreconditionError(
          fmt::format("can't commit {}: {}", name, GitComplaint(*made)));
    }
    return git.Ask({"rev-parse", "--verify", "HEAD^{commit}"}, scratch_.Within());
  }

 private:
  StagedFile(ScratchGitDirectory scratch, std::string parent)
      : scratch_(std::move(scratch)), parent_(std::move(parent)) {}

  // A file that is neither here nor in HEAD is nothing to add.
  static absl::Status Add(const GitCommand& git, const std::string& name, const GitCall& within) {
    const std::string pathspec = Pathspec(name);
    const auto tracked = Succeeds(git, {"ls-files", "--error-unmatch", "--", pathspec});
    if (!tracked.ok()) return tracked.status();
    std::vector<std::string> add{"add"};
    // What people track is theirs to ignore or not.
    if (*tracked) add.emplace_back("--force");
    add.insert(add.end(), {"--", pathspec});
    const auto result = git.Run(std::move(add), within);
    if (!result.ok()) return result.status();
    if (result->exit_code == 0) return absl::OkStatus();
    if (result->err.find("did not match any files") != std::string::npos) return absl::OkStatus();
    if (result->err.find("ignored by") != std::string::npos) {
      return absl::FailedPreconditionError(
          fmt::format("can't commit {}: .gitignore excludes it; take it out of there, or set "
                      "git.commit to false",
                      name));
    }
    return ExplainGitFailure(*result);
  }

  ScratchGitDirectory scratch_;
  std::string parent_;
};

// As `git commit --only` (builtin/commit.c): the rest of what they do isn't committed yet.
absl::Status RefuseWithinMerge(const GitCommand& git, const std::string& name) {
  for (const auto& [ref, what] :
       {std::pair{"MERGE_HEAD", "merge"}, std::pair{"CHERRY_PICK_HEAD", "cherry-pick"}}) {
    const auto under_way = Succeeds(git, {"rev-parse", "--verify", "--quiet", ref});
    if (!under_way.ok()) return under_way.status();
    if (!*under_way) continue;
    return absl::FailedPreconditionError(fmt::format(
        "can't commit {}: a {} is under way here; end it first (git status)", name, what));
  }
  return absl::OkStatus();
}

// Empty: the branch has no commit.
absl::Status MoveHead(const GitCommand& git, const std::string& from, const std::string& to) {
  const auto moved = to.empty()
                         ? git.Run({"update-ref", "-d", "HEAD", from})
                         : git.Run({"update-ref", "-m", "commit: by imglife", "HEAD", to, from});
  if (!moved.ok()) return moved.status();
  if (moved->exit_code == 0) return absl::OkStatus();
  return absl::AbortedError(
      fmt::format("can't move HEAD to the new commit: {}; run again", GitComplaint(*moved)));
}

}  // namespace

absl::StatusOr<bool> DiffersFromHead(const GitCommand& git, const std::string& name) {
  const auto staged = StagedFile::Create(git, name, ScratchGitDirectory::NewObjects::kDropped);
  if (!staged.ok()) return staged.status();
  return staged->DiffersFromHead(git);
}

absl::StatusOr<std::optional<CommitDraft>> DraftCommit(const GitCommand& git,
                                                       const std::string& name,
                                                       const GitCommit& commit) {
  const auto staged = StagedFile::Create(git, name, ScratchGitDirectory::NewObjects::kKept);
  if (!staged.ok()) return staged.status();
  const auto differs = staged->DiffersFromHead(git);
  if (!differs.ok()) return differs.status();
  if (!*differs) return std::nullopt;
  const absl::Status free = RefuseWithinMerge(git, name);
  if (!free.ok()) return free;
  auto made = staged->Commit(git, name, commit);
  if (!made.ok()) return made.status();
  return CommitDraft{.commit = *std::move(made), .parent = staged->parent()};
}

absl::Status TakeOver(const GitCommand& git, const std::string& name, const CommitDraft& draft) {
  const absl::Status moved = MoveHead(git, draft.parent, draft.commit);
  if (!moved.ok()) return moved;
  const auto entry = git.Ask({"reset", "--quiet", "--", Pathspec(name)});
  if (entry.ok()) return absl::OkStatus();
  const absl::Status back = MoveHead(git, draft.commit, draft.parent);
  return back.ok() ? entry.status() : back;
}

}  // namespace imglife
