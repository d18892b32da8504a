#pragma once

#include <memory>

#include "providers/process.h"
#include "providers/repository_git.h"

namespace imglife {

// GitRepository by the git program. `processes` must outlive the result.
std::unique_ptr<GitRepository> MakeGitRepository(ProcessRunner& processes);

}  // namespace imglife
