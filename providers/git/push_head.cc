#include "providers/git/push_head.h"

#include <string>
#include <string_view>
#include <utility>

#include "fmt/format.h"

#include "providers/git/push_outcome.h"
#include "providers/git/remote_access.h"
#include "providers/git/transplant.h"
#include "schema/text/secrets.h"

namespace imglife {
namespace {

// Where the remote's branch is kept for the moment.
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

class HeadPush {
 public:
  HeadPush(const GitCommand& git, const GitPushSpec& spec, GitCall access)
      : git_(git),
        spec_(spec),
        access_(std::move(access)),
        branch_ref_(fmt::format("refs/heads/{}", spec.branch)),
        place_(fmt::format("{} at {}", spec.branch, RedactCredentials(spec.remote))) {}

  absl::Status Push() {
    const auto head = git_.Ask({"rev-parse", "--verify", "--quiet", "HEAD^{commit}"});
    if (!head.ok()) return head.status();
    const auto first = PushCommit(*head);
    if (!first.ok() || *first) return first.status();
    const auto theirs = FetchBranch();
    if (!theirs.ok()) return theirs.status();
    const auto contained = git_.Run({"merge-base", "--is-ancestor", *head, *theirs});
    if (!contained.ok()) return contained.status();
    if (contained->exit_code == 0) return absl::OkStatus();
    const auto rebased = Transplant(git_, *head, *theirs);
    if (!rebased.ok()) return Aborted(rebased.status());
    if (*rebased == *theirs) return absl::OkStatus();
    const auto second = PushCommit(*rebased);
    if (!second.ok() || *second) return second.status();
    return Aborted(absl::AbortedError("the branch changed again while this was being pushed"));
  }

 private:
  // False if the branch has commits that `commit` doesn't build on.
  absl::StatusOr<bool> PushCommit(const std::string& commit) const {
    const auto result =
        git_.Run({"push", "--porcelain", "--no-signed", "--no-follow-tags", "--no-force",
                  "--recurse-submodules=no", "--", spec_.remote, commit + ":" + branch_ref_},
                 access_);
    if (!result.ok()) return FromNetwork(result.status());
    switch (JudgePush(*result)) {
      case PushOutcome::kPushed:
        return true;
      case PushOutcome::kBehind:
        return false;
      case PushOutcome::kRefused:
        return absl::PermissionDeniedError(
            Without(fmt::format("pushing to {} was refused: {}", place_, PushComplaint(*result)),
                    spec_.token));
      case PushOutcome::kUnreachable:
        break;
    }
    return absl::UnavailableError(
        Without(fmt::format("can't push to {}: {}", place_, PushComplaint(*result)), spec_.token));
  }

  absl::StatusOr<std::string> FetchBranch() const {
    const auto result = git_.Run(
        {"fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--",
         spec_.remote, fmt::format("+{}:{}", branch_ref_, kFetchedRef)},
        access_);
    if (!result.ok()) return FromNetwork(result.status());
    if (result->exit_code != 0) {
      return absl::UnavailableError(
          Without(fmt::format("can't fetch {}: {}", place_, PushComplaint(*result)), spec_.token));
    }
    const auto commit = git_.Ask({"rev-parse", "--verify", kFetchedRef});
    const auto removed = git_.Ask({"update-ref", "-d", kFetchedRef});
    return removed.ok() ? commit : removed;
  }

  absl::Status FromNetwork(const absl::Status& status) const {
    if (!absl::IsDeadlineExceeded(status)) return status;
    return absl::UnavailableError(
        fmt::format("can't reach {}: {}", place_, std::string(status.message())));
  }

  absl::Status Aborted(const absl::Status& status) const {
    if (!absl::IsAborted(status)) return status;
    return absl::AbortedError(fmt::format("the commit is not pushed to {}: {}; pull and run again",
                                          place_, std::string(status.message())));
  }

  const GitCommand& git_;
  const GitPushSpec& spec_;
  const GitCall access_;
  const std::string branch_ref_;
  const std::string place_;
};

}  // namespace

absl::Status PushHead(const GitCommand& git, const GitPushSpec& spec) {
  const auto name = git.Run({"check-ref-format", "refs/heads/" + spec.branch});
  if (!name.ok()) return name.status();
  if (name->exit_code != 0) {
    return absl::InvalidArgumentError(
        fmt::format("can't push to branch \"{}\": no branch can be named so", spec.branch));
  }
  absl::StatusOr<GitCall> access = AccessTo(git, spec);
  if (!access.ok()) return access.status();
  return HeadPush(git, spec, *std::move(access)).Push();
}

}  // namespace imglife
