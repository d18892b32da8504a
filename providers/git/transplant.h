#pragma once

#include <string>

#include "absl/status/statusor.h"

#include "providers/git/git_command.h"

namespace imglife {

// A commit that does to `onto` what `commit` does to its parent, with the same author, committer
// and message: what git rebase makes of one commit, in the object store alone. Index, work tree
// and branches stay untouched. `onto` itself if it has the change already. Signatures don't hold
// for another commit and are left out.
//
// Aborted: both changed the same lines, or the commit has no parent. Else as GitCommand::Ask.
absl::StatusOr<std::string> Transplant(const GitCommand& git, const std::string& commit,
                                       const std::string& onto);

}  // namespace imglife
