// The git work tree that holds imglife.yaml.
//
// Thread safety: any number of threads may ask; one at a time commits.
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
  // Would CommitFile make a commit? Also where the file was never committed; FailedPrecondition
  // where it can't be, because git refuses the repository or .gitignore excludes the file.
  virtual absl::StatusOr<bool> FileDiffersFromHead(const std::string& path) = 0;
  // Commits exactly that file, whatever else is dirty or staged. False: HEAD has it as it is, and
  // no commit is made. If it fails, HEAD and the index are as before.
  virtual absl::StatusOr<bool> CommitFile(const GitCommit& commit) = 0;
  // The same, for a commit that reaches the remote's branch first, also from a detached HEAD; what
  // else is committed here and not there never goes along. Where the branch has moved on from HEAD,
  // or lacks commits that HEAD has, the change goes on top of what the branch has; HEAD gets the
  // commit as it was made here, which `git pull --rebase` knows again. Aborted: both changed the
  // same lines, or somebody was faster twice. Unavailable or PermissionDenied: the remote's answer.
  virtual absl::StatusOr<bool> CommitAndPushFile(const GitCommit& commit,
                                                 const GitPushSpec& push) = 0;
};

}  // namespace imglife
