// HEAD and an index apart from those of a work tree, over the same files, objects and settings.
#pragma once

#include <string>
#include <utility>

#include "absl/status/statusor.h"

#include "providers/files.h"
#include "providers/git/git_command.h"

namespace imglife {

// What GIT_COMMON_DIR is for (git(1), "The Git Repository"; gitrepository-layout(5), "commondir"):
// as in a linked work tree only what is shared is shared. Nothing of it is left when the object
// goes.
class ScratchGitDirectory {
 public:
  // Where new objects go: to the repository, or into the scratch directory (git(1),
  // GIT_ALTERNATE_OBJECT_DIRECTORIES), so that the repository gets none.
  enum class NewObjects { kKept, kDropped };

  // HEAD is `head`, detached, and the index is what it has; `head` empty: before the first commit.
  static absl::StatusOr<ScratchGitDirectory> Create(const GitCommand& git, const std::string& head,
                                                    NewObjects objects);

  // `call` with the environment that leads here.
  GitCall Within(GitCall call = {}) const;

 private:
  ScratchGitDirectory(TemporaryDirectory directory, std::string common, std::string work_tree)
      : directory_(std::move(directory)),
        common_(std::move(common)),
        work_tree_(std::move(work_tree)) {}

  TemporaryDirectory directory_;
  std::string common_;
  std::string work_tree_;
  // Of the repository, if new ones are dropped.
  std::string shared_objects_;
};

}  // namespace imglife
