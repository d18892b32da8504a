// One branch of a remote: a look, a fetch, a push.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "providers/git/git_command.h"
#include "providers/git/remote_access.h"
#include "providers/repository_git.h"

namespace imglife {

// What the remote says that its refs are; empty: there is no such ref.
struct RemoteTips {
  std::string branch;
  std::string head;  // its HEAD, the default branch
};

// Errors name the branch and the remote, and never hold the token.
class RemoteBranch {
 public:
  // InvalidArgument: no branch can be named so, or as AccessTo.
  static absl::StatusOr<RemoteBranch> At(const GitCommand& git, const GitPushSpec& spec);

  // "main at origin".
  const std::string& place() const { return place_; }

  absl::StatusOr<RemoteTips> Look() const;
  // Brings the branch, or the remote's HEAD, into the object store. The commit that it is.
  absl::StatusOr<std::string> FetchBranch() const { return Fetch(branch_ref_); }
  absl::StatusOr<std::string> FetchHead() const { return Fetch("HEAD"); }
  // Moves the branch from `from` (empty: there is none) to `to`. False if it isn't at `from` any
  // more.
  absl::StatusOr<bool> Push(const std::string& from, const std::string& to) const;

 private:
  RemoteBranch(const GitCommand& git, const GitPushSpec& spec, RemoteAccess access);

  absl::StatusOr<std::string> Fetch(const std::string& ref) const;
  absl::Status Failure(const std::string& doing, const ProcessResult& result) const;
  absl::Status FromNetwork(const absl::Status& status) const;

  const GitCommand& git_;
  const GitPushSpec& spec_;
  RemoteAccess access_;
  std::string branch_ref_;
  std::string place_;
};

}  // namespace imglife
