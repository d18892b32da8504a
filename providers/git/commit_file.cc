#include "providers/git/commit_file.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string_view>
#include <utility>

#include "fmt/format.h"

namespace imglife {
namespace {

constexpr std::string_view kFallbackName = "imglife";
constexpr std::string_view kFallbackEmail = "imglife@localhost";

using Settings = std::map<std::string, std::string>;

// user.name and the like, as git finds them in its files.
absl::StatusOr<Settings> ReadIdentitySettings(const GitCommand& git) {
  const auto result =
      git.Run({"config", "--null", "--get-regexp", "^(user|author|committer)\\.(name|email)$"});
  if (!result.ok()) return result.status();
  // 1: nothing matches.
  if (result->exit_code > 1) return ExplainGitFailure(*result);
  Settings settings;
  std::string_view rest = result->out;
  while (!rest.empty()) {
    const std::string_view entry = rest.substr(0, rest.find('\0'));
    rest.remove_prefix(std::min(entry.size() + 1, rest.size()));
    const std::size_t key_end = entry.find('\n');
    if (key_end == std::string_view::npos) continue;
    settings[std::string(entry.substr(0, key_end))] = entry.substr(key_end + 1);
  }
  return settings;
}

bool IsSet(const std::string& variable) {
  const char* const value = std::getenv(variable.c_str());
  return value != nullptr && *value != '\0';
}

// Variables for what isn't git's own choice. `role` is AUTHOR or COMMITTER, as in
// GIT_AUTHOR_EMAIL; `section` the same in settings.
void AddIdentity(const Settings& settings, const std::string& role, const std::string& section,
                 std::string_view name, std::string_view email, GitCall& call) {
  const auto add = [&](const std::string& part, const std::string& key, std::string_view value) {
    const std::string variable = fmt::format("GIT_{}_{}", role, part);
    const bool has_own = IsSet(variable) || settings.count(section + "." + key) != 0 ||
                         settings.count("user." + key) != 0;
    if (!has_own) call.environment.emplace(variable, value);
  };
  add("NAME", "name", name.empty() ? kFallbackName : name);
  add("EMAIL", "email", email.empty() ? kFallbackEmail : email);
}

absl::StatusOr<GitCall> CallAs(const GitCommand& git, const GitCommit& commit) {
  const absl::StatusOr<Settings> settings = ReadIdentitySettings(git);
  if (!settings.ok()) return settings.status();
  GitCall call{.input = commit.message};
  if (!commit.author_name.empty()) call.environment["GIT_AUTHOR_NAME"] = commit.author_name;
  if (!commit.author_email.empty()) call.environment["GIT_AUTHOR_EMAIL"] = commit.author_email;
  AddIdentity(*settings, "AUTHOR", "author", commit.author_name, commit.author_email, call);
  AddIdentity(*settings, "COMMITTER", "committer", commit.author_name, commit.author_email, call);
  return call;
}

class FileCommit {
 public:
  FileCommit(const GitCommand& git, const std::string& name)
      : git_(git), name_(name), pathspec_(fmt::format(":(literal){}", name)) {}

  absl::Status Make(const GitCommit& commit) {
    const absl::StatusOr<bool> in_index = IsInIndex();
    if (!in_index.ok()) return in_index.status();
    if (*in_index) return CommitIfChanged(commit);
    const absl::StatusOr<bool> added = Add();
    if (!added.ok()) return added.status();
    if (!*added) return absl::OkStatus();
    const absl::Status committed = CommitIfChanged(commit);
    if (committed.ok()) return committed;
    // The commit's failure is what people need to hear of.
    git_.Run({"update-index", "--force-remove", "--", name_}).IgnoreError();
    return committed;
  }

 private:
  absl::StatusOr<bool> IsInIndex() const {
    const auto result = git_.Run({"ls-files", "--error-unmatch", "--", pathspec_});
    if (!result.ok()) return result.status();
    if (result->exit_code > 1) return ExplainGitFailure(*result);
    return result->exit_code == 0;
  }

  // False if there is no such file.
  absl::StatusOr<bool> Add() const {
    const auto result = git_.Run({"add", "--intent-to-add", "--", pathspec_});
    if (!result.ok()) return result.status();
    if (result->exit_code == 0) return true;
    if (result->err.find("did not match any files") != std::string::npos) return false;
    if (result->err.find("ignored by") != std::string::npos) {
      return absl::FailedPreconditionError(
          fmt::format("can't commit {}: .gitignore excludes it; take it out of there, or set "
                      "git.commit to false",
                      name_));
    }
    return ExplainGitFailure(*result);
  }

  absl::Status CommitIfChanged(const GitCommit& commit) const {
    const absl::StatusOr<bool> changed = DiffersFromHead();
    if (!changed.ok()) return changed.status();
    if (!*changed) return absl::OkStatus();
    const absl::StatusOr<GitCall> call = CallAs(git_, commit);
    if (!call.ok()) return call.status();
    const auto result = git_.Run({"commit", "--quiet", "--no-gpg-sign", "--cleanup=whitespace",
                                  "--file=-", "--only", "--", pathspec_},
                                 *call);
    if (!result.ok()) return result.status();
    if (result->exit_code == 0) return absl::OkStatus();
    return absl::FailedPreconditionError(
        fmt::format("can't commit {}: {}", name_, GitComplaint(*result)));
  }

  absl::StatusOr<bool> DiffersFromHead() const {
    const auto head = git_.Run({"rev-parse", "--verify", "--quiet", "HEAD"});
    if (!head.ok()) return head.status();
    // Before the first commit everything is new.
    if (head->exit_code != 0) return true;
    const auto result =
        git_.Run({"diff", "--quiet", "--no-ext-diff", "--no-textconv", "HEAD", "--", pathspec_});
    if (!result.ok()) return result.status();
    if (result->exit_code > 1) return ExplainGitFailure(*result);
    return result->exit_code == 1;
  }

  const GitCommand& git_;
  const std::string& name_;
  const std::string pathspec_;
};

}  // namespace

absl::Status CommitFileInWorkTree(const GitCommand& git, const std::string& name,
                                  const GitCommit& commit) {
  return FileCommit(git, name).Make(commit);
}

}  // namespace imglife
