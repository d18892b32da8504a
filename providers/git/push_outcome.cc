#include "providers/git/push_outcome.h"

#include <algorithm>
#include <string_view>

#include "fmt/format.h"

#include "providers/git/git_command.h"
#include "schema/text/escape.h"
#include "schema/text/secrets.h"

namespace imglife {
namespace {

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// "[rejected] (fetch first)" of the line that starts with '!' (git-push(1), OUTPUT).
std::string_view RejectionOf(std::string_view out) {
  while (!out.empty()) {
    const std::string_view line = out.substr(0, out.find('\n'));
    if (line.starts_with("!\t")) return line.substr(line.rfind('\t') + 1);
    out.remove_prefix(std::min(line.size() + 1, out.size()));
  }
  return {};
}

// The server saw another commit in the branch than it told us a moment ago (receive-pack).
bool IsRace(std::string_view rejection) {
  return Contains(rejection, "cannot lock ref") || Contains(rejection, "failed to update ref") ||
         Contains(rejection, "incorrect old value") ||
         Contains(rejection, "reference already exists") || Contains(rejection, "fetch first");
}

// Of git's http and ssh transports, and of GitLab and GitHub through them.
bool IsAboutPermission(std::string_view err) {
  for (const std::string_view sign :
       {"Authentication failed", "could not read Username", "could not read Password",
        "Access denied", "access denied", "Permission denied", "ermission to ", "not allowed",
        "error: 401", "error: 403", "insufficient permission", "Host key verification failed"}) {
    if (Contains(err, sign)) return true;
  }
  return false;
}

// The first line in which the server says more than a frame of signs.
std::string_view RemoteWords(std::string_view err) {
  constexpr std::string_view kPrefix = "remote: ";
  while (!err.empty()) {
    const std::string_view line = err.substr(0, err.find('\n'));
    if (line.starts_with(kPrefix)) {
      const std::string_view words = line.substr(kPrefix.size());
      const std::size_t last = words.find_last_not_of(" \t\r");
      const bool has_letter = std::any_of(words.begin(), words.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      });
      if (has_letter) return words.substr(0, last + 1);
    }
    err.remove_prefix(std::min(line.size() + 1, err.size()));
  }
  return {};
}

}  // namespace

PushOutcome JudgePush(const ProcessResult& result) {
  if (result.exit_code == 0) return PushOutcome::kPushed;
  const std::string_view rejection = RejectionOf(result.out);
  if (rejection.starts_with("[rejected]") || IsRace(rejection)) return PushOutcome::kBehind;
  if (rejection.starts_with("[remote rejected]")) return PushOutcome::kRefused;
  return IsAboutPermission(result.err) ? PushOutcome::kRefused : PushOutcome::kUnreachable;
}

std::string PushComplaint(const ProcessResult& result) {
  const std::string_view words = RemoteWords(result.err);
  if (!words.empty()) return EscapeControl(RedactCredentials(words));
  const std::string_view rejection = RejectionOf(result.out);
  if (!rejection.empty()) return EscapeControl(RedactCredentials(rejection));
  // ssh says it itself, before git knows only that there was no answer.
  const bool ssh_spoke = Contains(result.err, "fatal: Could not read from remote repository.") &&
                         !result.err.starts_with("fatal: ");
  if (!ssh_spoke) return GitComplaint(result);
  const std::string_view line = std::string_view(result.err).substr(0, result.err.find('\n'));
  return EscapeControl(RedactCredentials(line.substr(0, line.find('\r'))));
}

}  // namespace imglife
