// Running the git program.
//
// Thread safety: any number of threads may call.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "providers/process.h"

namespace imglife {

// What a single call of git needs beyond its arguments.
struct GitCall {
  std::string input;
  std::map<std::string, std::string> environment;
  // Settings for this call alone, as `git -c`, but out of sight of other users: they go by
  // GIT_CONFIG_COUNT (git-config(1)), after any that this process was given so.
  std::vector<std::pair<std::string, std::string>> config;
  std::optional<absl::Duration> timeout;
};

// git in one directory. It never asks at a terminal and speaks English.
class GitCommand {
 public:
  GitCommand(ProcessRunner& processes, std::string directory)
      : processes_(processes), directory_(std::move(directory)) {}

  const std::string& directory() const { return directory_; }
  GitCommand In(std::string directory) const { return {processes_, std::move(directory)}; }

  // Whatever git's exit code. NotFound: there is no git; else as ProcessRunner::Run.
  absl::StatusOr<ProcessResult> Run(std::vector<std::string> arguments,
                                    const GitCall& call = {}) const;

  // What git wrote, without the newline at the end; ExplainGitFailure if its exit code isn't 0.
  absl::StatusOr<std::string> Ask(std::vector<std::string> arguments,
                                  const GitCall& call = {}) const;

 private:
  ProcessRunner& processes_;
  std::string directory_;
};

// The sentence of git's messages that says what is wrong, without credentials and control bytes.
std::string GitComplaint(const ProcessResult& result);

// Does git refuse the repository because it belongs to another user (safe.directory)?
bool IsDubiousOwnership(const ProcessResult& result);

// FailedPrecondition with GitComplaint, or with what to do about IsDubiousOwnership.
absl::Status ExplainGitFailure(const ProcessResult& result);

}  // namespace imglife
