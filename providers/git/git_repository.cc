#include "providers/git/git_repository.h"

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

#include "fmt/format.h"

#include "providers/git/clean_url.h"
#include "providers/git/commit_draft.h"
#include "providers/git/git_command.h"
#include "providers/git/push_commit.h"
#include "schema/text/secrets.h"

namespace imglife {
namespace {

namespace fs = std::filesystem;

// Where a path really is: git doesn't follow symbolic links, and files are written through them,
// also when what they lead to isn't there yet.
fs::path Located(const std::string& path) {
  constexpr int kMostLinks = 40;  // as Linux
  std::error_code error;
  fs::path real = fs::weakly_canonical(fs::absolute(path.empty() ? "." : path, error), error);
  for (int links = 0; links < kMostLinks && fs::is_symlink(real, error); ++links) {
    real = fs::weakly_canonical(real.parent_path() / fs::read_symlink(real, error), error);
  }
  return real.empty() ? fs::path(path) : real;
}

// The directory of `path`, or the nearest above it that is there.
std::string DirectoryAt(fs::path path) {
  std::error_code error;
  while (!fs::is_directory(path, error) && path.has_relative_path()) path = path.parent_path();
  return path.string();
}

// Answers about the past of a repository; a failure is NotFound unless git itself tells people what
// to do.
absl::StatusOr<std::string> NotFoundUnlessAnswered(const absl::StatusOr<ProcessResult>& result,
                                                   const std::string& message) {
  if (!result.ok()) return result.status();
  if (IsDubiousOwnership(*result)) return ExplainGitFailure(*result);
  if (result->exit_code != 0) return absl::NotFoundError(message);
  return result->out.substr(0, result->out.find('\n'));
}

class GitProgramRepository : public GitRepository {
 public:
  explicit GitProgramRepository(ProcessRunner& processes) : processes_(processes) {}

  bool InWorkTree(const std::string& path) override {
    const auto result = At(path).Run({"rev-parse", "--is-inside-work-tree"});
    // A repository that git refuses is one all the same: CommitFile says what to do.
    return result.ok() && (result->out == "true\n" || IsDubiousOwnership(*result));
  }

  absl::StatusOr<std::string> HeadCommit(const std::string& path) override {
    return NotFoundUnlessAnswered(
        At(path).Run({"rev-parse", "--verify", "--quiet", "HEAD^{commit}"}),
        fmt::format("there is no git commit at {}", path));
  }

  absl::StatusOr<std::string> OriginUrl(const std::string& path) override {
    const auto url = NotFoundUnlessAnswered(At(path).Run({"config", "--get", "remote.origin.url"}),
                                            fmt::format("git has no remote origin at {}", path));
    if (!url.ok()) return url.status();
    return RedactCredentials(CleanUrl(*url));
  }

  absl::StatusOr<std::string> CurrentBranch(const std::string& path) override {
    constexpr std::string_view kBranches = "refs/heads/";
    const std::string detached = fmt::format("no git branch is checked out at {}", path);
    const auto ref =
        NotFoundUnlessAnswered(At(path).Run({"symbolic-ref", "--quiet", "HEAD"}), detached);
    if (!ref.ok()) return ref.status();
    if (!ref->starts_with(kBranches)) return absl::NotFoundError(detached);
    return ref->substr(kBranches.size());
  }

  absl::StatusOr<bool> FileDiffersFromHead(const std::string& path) override {
    const FileAt file = Find(path);
    return DiffersFromHead(file.git, file.name);
  }

  absl::StatusOr<bool> CommitFile(const GitCommit& commit) override {
    return Commit(commit, nullptr);
  }

  absl::StatusOr<bool> CommitAndPushFile(const GitCommit& commit,
                                         const GitPushSpec& push) override {
    return Commit(commit, &push);
  }

 private:
  struct FileAt {
    GitCommand git;
    std::string name;
  };

  FileAt Find(const std::string& path) const {
    const fs::path file = Located(path);
    return {GitCommand(processes_, DirectoryAt(file.parent_path())), file.filename().string()};
  }

  absl::StatusOr<bool> Commit(const GitCommit& commit, const GitPushSpec* push) const {
    const FileAt file = Find(commit.file);
    const auto draft = DraftCommit(file.git, file.name, commit);
    if (!draft.ok()) return draft.status();
    if (!*draft) return false;
    if (push == nullptr) {
      const absl::Status taken = TakeOver(file.git, file.name, **draft);
      if (!taken.ok()) return taken;
      return true;
    }
    const absl::Status pushed = PushCommit(file.git, **draft, *push);
    if (!pushed.ok()) return pushed;
    const absl::Status taken = TakeOver(file.git, file.name, **draft);
    if (taken.ok()) return true;
    return absl::Status(taken.code(),
                        fmt::format("the commit was pushed, but {}", std::string(taken.message())));
  }

  GitCommand At(const std::string& path) const { return {processes_, DirectoryAt(Located(path))}; }

  ProcessRunner& processes_;
};

}  // namespace

std::unique_ptr<GitRepository> MakeGitRepository(ProcessRunner& processes) {
  return std::make_unique<GitProgramRepository>(processes);
}

}  // namespace imglife
