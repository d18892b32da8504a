// A commit of one file that no branch has yet, so that it can reach a remote before it is made here
// or not be made at all.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "providers/git/git_command.h"
#include "providers/repository_git.h"

namespace imglife {

struct CommitDraft {
  std::string commit;
  std::string parent;  // HEAD as it was; empty: this is the first commit
};

// GitRepository::FileDiffersFromHead, which leaves nothing in the repository, for the file `name`
// (without folders) in the directory of `git`.
absl::StatusOr<bool> DiffersFromHead(const GitCommand& git, const std::string& name);

// What `git commit --only` would make of that file, its hooks included. The commit is in the object
// store alone: HEAD, branches and the index stay. Nothing if HEAD has the file as it is. Never
// signs: there is nobody to give a passphrase.
absl::StatusOr<std::optional<CommitDraft>> DraftCommit(const GitCommand& git,
                                                       const std::string& name,
                                                       const GitCommit& commit);

// Moves HEAD, and the branch that is checked out, to the commit, and the file's entry of the index
// with it; all or nothing. Aborted: HEAD isn't the draft's parent any more.
absl::Status TakeOver(const GitCommand& git, const std::string& name, const CommitDraft& draft);

}  // namespace imglife
