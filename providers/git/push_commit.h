#pragma once

#include "absl/status/status.h"

#include "providers/git/commit_draft.h"
#include "providers/git/git_command.h"
#include "providers/repository_git.h"

namespace imglife {

// Puts exactly the draft on the remote's branch: as it is if its parent is what the branch has,
// else its change on top of what the branch has (Transplant). A branch that isn't there yet starts
// at the remote's HEAD. No other commit of this repository ever goes along; HEAD, index and work
// tree stay. Somebody who is faster is answered once by doing it again.
//
// OK also if the branch has the change already. Aborted: the branch was changed in the same lines,
// or again. PermissionDenied, Unavailable: the server's refusal, or no answer. FailedPrecondition:
// the remote has no branch at all to start from. InvalidArgument: no branch can be named so.
absl::Status PushCommit(const GitCommand& git, const CommitDraft& draft, const GitPushSpec& spec);

}  // namespace imglife
