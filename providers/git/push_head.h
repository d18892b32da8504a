#pragma once

#include "absl/status/status.h"

#include "providers/git/git_command.h"
#include "providers/repository_git.h"

namespace imglife {

// GitRepository::Push. What was rebased is at the remote only: HEAD, index and work tree stay, so
// that an apply which is under way doesn't lose the files that it was planned with. A later commit
// on top of HEAD is rebased likewise, and `git pull --rebase` knows the commit again.
absl::Status PushHead(const GitCommand& git, const GitPushSpec& spec);

}  // namespace imglife
