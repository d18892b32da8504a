// Who a commit is by.
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"

#include "providers/git/git_command.h"
#include "providers/repository_git.h"

namespace imglife {

// Environment for a call of git that commits: the author that `commit` asks for, and names of ours
// for whatever neither it, nor git's settings, nor this process's environment tell.
absl::StatusOr<std::map<std::string, std::string>> IdentityFor(const GitCommand& git,
                                                               const GitCommit& commit);

}  // namespace imglife
