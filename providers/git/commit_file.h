#pragma once

#include <string>

#include "absl/status/status.h"

#include "providers/git/git_command.h"
#include "providers/repository_git.h"

namespace imglife {

// GitRepository::CommitFile for the file `name` (without folders) in the directory of `git`. The
// index is as before if the commit fails. Never signs: there is nobody to give a passphrase.
absl::Status CommitFileInWorkTree(const GitCommand& git, const std::string& name,
                                  const GitCommit& commit);

}  // namespace imglife
