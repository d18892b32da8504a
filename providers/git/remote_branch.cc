#include "providers/git/remote_branch.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "fmt/format.h"

#include "providers/git/push_outcome.h"
#include "schema/text/secrets.h"

namespace imglife {
namespace {

// Where what is fetched is kept for the moment.
constexpr const char* kFetchedRef = "refs/imglife/fetched";

std::string Without(std::string text, const Secret& secret) {
  if (secret.empty()) return text;
  std::size_t at = 0;
  while ((at = text.find(secret.Reveal(), at)) != std::string::npos) {
    text.replace(at, secret.Reveal().size(), "***");
    at += 3;
  }
  return text;
}

// The commit that `git ls-remote` shows for exactly that ref: its patterns match ends of names too.
std::string TipOf(std::string_view listed, std::string_view ref) {
  while (!listed.empty()) {
    const std::string_view line = listed.substr(0, listed.find('\n'));
    const std::size_t tab = line.find('\t');
    if (tab != std::string_view::npos && line.substr(tab + 1) == ref) {
      return std::string(line.substr(0, tab));
    }
    listed.remove_prefix(std::min(line.size() + 1, listed.size()));
  }
  return "";
}

}  // namespace

RemoteBranch::RemoteBranch(const GitCommand& git, const GitPushSpec& spec, RemoteAccess access)
    : git_(git),
      spec_(spec),
      access_(std::move(access)),
      branch_ref_(fmt::format("refs/heads/{}", spec.branch)),
      place_(fmt::format("{} at {}", spec.branch, RedactCredentials(spec.remote))) {}

absl::StatusOr<RemoteBranch> RemoteBranch::At(const GitCommand& git, const GitPushSpec& spec) {
  const auto name = git.Run({"check-ref-format", "refs/heads/" + spec.branch});
  if (!name.ok()) return name.status();
  if (name->exit_code != 0) {
    return absl::InvalidArgumentError(
        fmt::format("can't push to branch \"{}\": no branch can be named so", spec.branch));
  }
  absl::StatusOr<RemoteAccess> access = AccessTo(git, spec);
  if (!access.ok()) return access.status();
  return RemoteBranch(git, spec, *std::move(access));
}

absl::StatusOr<RemoteTips> RemoteBranch::Look() const {
  const auto listed =
      git_.Run({"ls-remote", "--quiet", "--", spec_.remote, "HEAD", branch_ref_}, access_.call);
  if (!listed.ok()) return FromNetwork(listed.status());
  if (listed->exit_code != 0) return Failure("reading", *listed);
  return RemoteTips{.branch = TipOf(listed->out, branch_ref_), .head = TipOf(listed->out, "HEAD")};
}

absl::StatusOr<std::string> RemoteBranch::Fetch(const std::string& ref) const {
  const auto result =
      git_.Run({"fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules",
                "--", spec_.remote, fmt::format("+{}:{}", ref, kFetchedRef)},
               access_.call);
  if (!result.ok()) return FromNetwork(result.status());
  if (result->exit_code != 0) return Failure("fetching", *result);
  const auto commit = git_.Ask({"rev-parse", "--verify", kFetchedRef});
  const auto removed = git_.Ask({"update-ref", "-d", kFetchedRef});
  return removed.ok() ? commit : removed;
}

absl::StatusOr<bool> RemoteBranch::Push(const std::string& from, const std::string& to) const {
  const auto result =
      git_.Run({"push", "--porcelain", "--no-signed", "--no-follow-tags", "--recurse-submodules=no",
                fmt::format("--force-with-lease={}:{}", branch_ref_, from), "--", spec_.remote,
                to + ":" + branch_ref_},
               access_.call);
  if (!result.ok()) return FromNetwork(result.status());
  switch (JudgePush(*result)) {
    case PushOutcome::kPushed:
      return true;
    case PushOutcome::kBehind:
      return false;
    case PushOutcome::kRefused:
    case PushOutcome::kUnreachable:
      break;
  }
  return Failure("pushing to", *result);
}

absl::Status RemoteBranch::Failure(const std::string& doing, const ProcessResult& result) const {
  const bool refused = JudgePush(result) == PushOutcome::kRefused;
  std::string message =
      Without(fmt::format("{} {} {}: {}", doing, place_, refused ? "was refused" : "failed",
                          PushComplaint(result)),
              spec_.token);
  if (refused && !access_.without_token.empty()) {
    message += fmt::format("; GITLAB_TOKEN was not offered there: {}", access_.without_token);
  }
  return refused ? absl::PermissionDeniedError(message) : absl::UnavailableError(message);
}

absl::Status RemoteBranch::FromNetwork(const absl::Status& status) const {
  if (!absl::IsDeadlineExceeded(status)) return status;
  return absl::UnavailableError(
      fmt::format("can't reach {}: {}", place_, std::string(status.message())));
}

}  // namespace imglife
