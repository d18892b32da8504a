#include "providers/git/scratch_git_directory.h"

#include <utility>

namespace imglife {
namespace {

// Of a branch before its first commit. refs/worktree belongs to one work tree alone
// (git-worktree(1), REFS): what is committed to it stays in the scratch directory.
constexpr std::string_view kUnborn = "ref: refs/worktree/first";

}  // namespace

absl::StatusOr<ScratchGitDirectory> ScratchGitDirectory::Create(const GitCommand& git,
                                                                const std::string& head) {
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
  // Nothing outlives the directory in the background.
  call.config.emplace_back("gc.auto", "0");
  call.config.emplace_back("maintenance.auto", "false");
  call.config.emplace_back("core.fsmonitor", "false");
  return call;
}

}  // namespace imglife
