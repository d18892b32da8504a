#include "providers/git/scratch_git_directory.h"

#include <filesystem>
#include <system_error>
#include <utility>

namespace imglife {
namespace {

// Of a branch before its first commit. refs/worktree belongs to one work tree alone
// (git-worktree(1), REFS): what is committed to it stays in the scratch directory.
constexpr std::string_view kUnborn = "ref: refs/worktree/first";

// Quoted, as a colon separates paths (git(1), GIT_ALTERNATE_OBJECT_DIRECTORIES).
std::string InListOfPaths(const std::string& path) {
  std::string quoted = "\"";
  for (const char c : path) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

}  // namespace

absl::StatusOr<ScratchGitDirectory> ScratchGitDirectory::Create(const GitCommand& git,
                                                                const std::string& head,
                                                                NewObjects objects) {
  auto common = git.Ask({"rev-parse", "--path-format=absolute", "--git-common-dir"});
  if (!common.ok()) return common.status();
  auto work_tree = git.Ask({"rev-parse", "--show-toplevel"});
  if (!work_tree.ok()) return work_tree.status();
  auto directory = TemporaryDirectory::Create("imglife-git-");
  if (!directory.ok()) return directory.status();
  const absl::Status written = WriteFileAtomically(
      directory->path() + "/HEAD", (head.empty() ? std::string(kUnborn) : head) + "\n");
  if (!written.ok()) return written;
  ScratchGitDirectory scratch(*std::move(directory), *std::move(common), *std::move(work_tree));
  if (objects == NewObjects::kDropped) {
    auto shared = git.Ask({"rev-parse", "--path-format=absolute", "--git-path", "objects"});
    if (!shared.ok()) return shared.status();
    std::error_code error;
    std::filesystem::create_directory(scratch.directory_.path() + "/objects", error);
    if (error)
      return absl::ErrnoToStatus(error.value(), "can't make a directory for git's objects");
    scratch.shared_objects_ = *std::move(shared);
  }
  if (head.empty()) return scratch;
  const auto read = git.Ask({"read-tree", "HEAD"}, scratch.Within());
  if (!read.ok()) return read.status();
  return scratch;
}

GitCall ScratchGitDirectory::Within(GitCall call) const {
  call.environment["GIT_DIR"] = directory_.path();
  call.environment["GIT_COMMON_DIR"] = common_;
  call.environment["GIT_WORK_TREE"] = work_tree_;
  call.environment["GIT_INDEX_FILE"] = directory_.path() + "/index";
  if (!shared_objects_.empty()) {
    call.environment["GIT_OBJECT_DIRECTORY"] = directory_.path() + "/objects";
    call.environment["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = InListOfPaths(shared_objects_);
  }
  // Nothing outlives the directory in the background.
  call.config.emplace_back("gc.auto", "0");
  call.config.emplace_back("maintenance.auto", "false");
  call.config.emplace_back("core.fsmonitor", "false");
  return call;
}

}  // namespace imglife
