// The git work tree that holds imglife.yaml.
//
// Thread safety: one thread at a time.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "providers/secret.h"

namespace imglife {

struct GitCommit {
  std::string file;  // absolute, or relative to the current directory
  std::string message;
  std::string author_name;   // empty: git's own settings, else "imglife"
  std::string author_email;  // empty: git's own settings, else "imglife@localhost"
};

struct GitPushSpec {
  std::string remote;
  std::string branch;
  // Reaches git through a credential helper in its environment; empty: whatever git has.
  Secret token;
  // The hosts that the token is for; empty: not known, so that of the remote. Over plain HTTP it
  // goes to this machine only.
  std::vector<std::string> token_hosts;
};

class GitRepository {
 public:
  virtual ~GitRepository() = default;

  // Is `path` inside a work tree? False also where there is no git.
  virtual bool InWorkTree(const std::string& path) = 0;
  // The commit that is checked out where `path` is, or NotFound.
  virtual absl::StatusOr<std::string> HeadCommit(const std::string& path) = 0;
  // The URL of `origin` without credentials, or NotFound.
  virtual absl::StatusOr<std::string> OriginUrl(const std::string& path) = 0;
  // The branch that is checked out, or NotFound on a detached HEAD.
  virtual absl::StatusOr<std::string> CurrentBranch(const std::string& path) = 0;
  // Commits exactly that file, whatever else is dirty or staged. Nothing to commit is OK and makes
  // no commit.
  virtual absl::Status CommitFile(const GitCommit& commit) = 0;
  // Pushes HEAD to the branch, also from a detached HEAD. Rejected: fetches, rebases the one commit
  // and pushes once more; then Aborted, with the work tree as before. Unavailable or
  // PermissionDenied otherwise.
  virtual absl::Status Push(const std::string& path, const GitPushSpec& spec) = 0;
};

}  // namespace imglife
