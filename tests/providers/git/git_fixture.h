// Real repositories in a temporary directory, out of reach of the settings of whoever runs the
// tests.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "providers/files.h"
#include "providers/git/git_repository.h"
#include "providers/system/system.h"

namespace imglife {

class GitTest : public ::testing::Test {
 protected:
  void SetUp() override;

  // Below the temporary directory.
  std::string Path(const std::string& name) const;
  void Write(const std::string& name, std::string_view content) const;
  std::string Read(const std::string& name) const;

  // Runs git in a directory below the temporary one; it must succeed. Its output without the
  // newline at the end.
  std::string Git(const std::string& directory, std::vector<std::string> arguments) const;

  // A bare repository "remote.git" whose branch main has one commit with file "file" ("one\n"), and
  // its clone "work". The author of what the fixture commits is Somebody.
  void MakeRemoteAndClone() const;
  void Clone(const std::string& name) const;
  // Commits everything that is in the work tree `directory`.
  void CommitAll(const std::string& directory, const std::string& message) const;
  // Another clone changes a file and pushes.
  void ChangeAtRemote(const std::string& file, std::string_view content) const;
  // Content of `file` in branch main of the remote.
  std::string AtRemote(const std::string& file) const;
  // `git status`, one line per file.
  std::string StatusOf(const std::string& directory) const;

  std::unique_ptr<ProcessRunner> processes_ = MakeProcessRunner();
  std::unique_ptr<GitRepository> git_ = MakeGitRepository(*processes_);

 private:
  std::optional<TemporaryDirectory> directory_;
};

}  // namespace imglife
