#include "providers/git/transplant.h"

#include <algorithm>
#include <string_view>

#include "fmt/format.h"

#include "providers/files.h"

namespace imglife {
namespace {

// The tree of `onto` with the patch of `commit`. Runs in the top directory, because elsewhere
// `git apply` leaves out what isn't below.
absl::StatusOr<std::string> PatchedTree(const GitCommand& git, const std::string& commit,
                                        const std::string& onto) {
  const absl::StatusOr<TemporaryDirectory> scratch = TemporaryDirectory::Create("imglife-git-");
  if (!scratch.ok()) return scratch.status();
  const std::string patch = scratch->path() + "/patch";
  const GitCall apart{.environment = {{"GIT_INDEX_FILE", scratch->path() + "/index"}}};
  const auto written = git.Ask({"diff-tree", "-p", "--binary", "--full-index", "--no-renames",
                                "--no-ext-diff", "--no-textconv", "--no-color", "--src-prefix=a/",
                                "--dst-prefix=b/", "--output=" + patch, commit + "^", commit});
  if (!written.ok()) return written.status();
  const auto read = git.Ask({"read-tree", onto}, apart);
  if (!read.ok()) return read.status();
  const auto applied = git.Run({"apply", "--cached", "--3way", "--allow-empty",
                                "--whitespace=nowarn", "--no-ignore-whitespace", patch},
                               apart);
  if (!applied.ok()) return applied.status();
  if (applied->exit_code != 0) {
    return absl::AbortedError("the branch differs in the same lines from what is committed here");
  }
  return git.Ask({"write-tree"}, apart);
}

// The commit object with another tree and parent (git-cat-file(1), gitformat-signature(5)).
std::string Reparented(std::string_view object, const std::string& tree,
                       const std::string& parent) {
  std::string made = fmt::format("tree {}\nparent {}\n", tree, parent);
  bool dropping = false;
  while (!object.empty() && object.front() != '\n') {
    const std::string_view line = object.substr(0, object.find('\n'));
    const std::string_view key = line.substr(0, line.find(' '));
    // A line that starts with a space continues the one before.
    if (!key.empty()) {
      dropping = key == "tree" || key == "parent" || key == "mergetag" || key.starts_with("gpgsig");
    }
    if (!dropping) made += std::string(line) + "\n";
    object.remove_prefix(std::min(line.size() + 1, object.size()));
  }
  made += object;
  return made;
}

}  // namespace

absl::StatusOr<std::string> Transplant(const GitCommand& git, const std::string& commit,
                                       const std::string& onto) {
  const auto parent = git.Run({"rev-parse", "--verify", "--quiet", commit + "^"});
  if (!parent.ok()) return parent.status();
  if (parent->exit_code != 0) {
    return absl::AbortedError("the commit has nothing in common with that branch");
  }
  const auto top = git.Ask({"rev-parse", "--show-toplevel"});
  if (!top.ok()) return top.status();
  const GitCommand at_top = git.In(*top);
  const auto tree = PatchedTree(at_top, commit, onto);
  if (!tree.ok()) return tree.status();
  const auto tree_there = at_top.Ask({"rev-parse", onto + "^{tree}"});
  if (!tree_there.ok()) return tree_there.status();
  if (*tree == *tree_there) return onto;
  const auto object = at_top.Run({"cat-file", "commit", commit});
  if (!object.ok()) return object.status();
  if (object->exit_code != 0) return ExplainGitFailure(*object);
  return at_top.Ask({"hash-object", "-t", "commit", "-w", "--stdin"},
                    {.input = Reparented(object->out, *tree, onto)});
}

}  // namespace imglife
