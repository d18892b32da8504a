#include "providers/git/commit_identity.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "fmt/format.h"

namespace imglife {
namespace {

constexpr std::string_view kFallbackName = "imglife";
constexpr std::string_view kFallbackEmail = "imglife@localhost";

using Settings = std::map<std::string, std::string>;
using Identity = std::map<std::string, std::string>;

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
                 std::string_view name, std::string_view email, Identity& identity) {
  const auto add = [&](const std::string& part, const std::string& key, std::string_view value) {
    const std::string variable = fmt::format("GIT_{}_{}", role, part);
    const bool has_own = IsSet(variable) || settings.count(section + "." + key) != 0 ||
                         settings.count("user." + key) != 0;
    if (!has_own) identity.emplace(variable, value);
  };
  add("NAME", "name", name.empty() ? kFallbackName : name);
  add("EMAIL", "email", email.empty() ? kFallbackEmail : email);
}

}  // namespace

absl::StatusOr<Identity> IdentityFor(const GitCommand& git, const GitCommit& commit) {
  const absl::StatusOr<Settings> settings = ReadIdentitySettings(git);
  if (!settings.ok()) return settings.status();
  Identity identity;
  if (!commit.author_name.empty()) identity["GIT_AUTHOR_NAME"] = commit.author_name;
  if (!commit.author_email.empty()) identity["GIT_AUTHOR_EMAIL"] = commit.author_email;
  AddIdentity(*settings, "AUTHOR", "author", commit.author_name, commit.author_email, identity);
  AddIdentity(*settings, "COMMITTER", "committer", commit.author_name, commit.author_email,
              identity);
  return identity;
}

}  // namespace imglife
