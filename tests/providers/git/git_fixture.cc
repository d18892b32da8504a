#include "tests/providers/git/git_fixture.h"

#include <cstdlib>
#include <filesystem>
#include <utility>

namespace imglife {

void GitTest::SetUp() {
  auto made = TemporaryDirectory::Create("imglife-git-test-");
  ASSERT_TRUE(made.ok()) << made.status();
  directory_.emplace(std::move(*made));
  for (const auto& [name, value] : ReadEnvironment()) {
    if (name.starts_with("GIT_")) unsetenv(name.c_str());
  }
  unsetenv("EMAIL");
  setenv("HOME", Path("home").c_str(), 1);
  setenv("XDG_CONFIG_HOME", Path("home/config").c_str(), 1);
  setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
  Write("home/.gitconfig", "[init]\n\tdefaultBranch = main\n");
}

std::string GitTest::Path(const std::string& name) const {
  return directory_->path() + "/" + name;
}

void GitTest::Write(const std::string& name, std::string_view content) const {
  const absl::Status written = WriteFileAtomically(Path(name), content);
  ASSERT_TRUE(written.ok()) << written;
}

std::string GitTest::Read(const std::string& name) const {
  return ReadFile(Path(name)).value_or("unreadable");
}

std::string GitTest::Git(const std::string& directory, std::vector<std::string> arguments) const {
  ProcessSpec spec;
  spec.argv = {"git"};
  spec.argv.insert(spec.argv.end(), arguments.begin(), arguments.end());
  spec.directory = Path(directory);
  for (const char* const role : {"AUTHOR", "COMMITTER"}) {
    spec.environment["GIT_" + std::string(role) + "_NAME"] = "Somebody";
    spec.environment["GIT_" + std::string(role) + "_EMAIL"] = "somebody@example.com";
  }
  const auto result = processes_->Run(spec);
  EXPECT_TRUE(result.ok()) << result.status();
  if (!result.ok()) return "";
  EXPECT_EQ(result->exit_code, 0) << arguments.front() << ": " << result->err;
  return result->out.substr(0, result->out.find_last_not_of('\n') + 1);
}

void GitTest::MakeRemoteAndClone() const {
  std::filesystem::create_directory(Path("remote.git"));
  Git("remote.git", {"init", "--quiet", "--bare"});
  Clone("first");
  Write("first/file", "one\n");
  CommitAll("first", "first");
  Git("first", {"push", "--quiet", "origin", "HEAD:refs/heads/main"});
  Clone("work");
}

void GitTest::Clone(const std::string& name) const {
  Git("", {"clone", "--quiet", Path("remote.git"), name});
}

void GitTest::CommitAll(const std::string& directory, const std::string& message) const {
  Git(directory, {"add", "--all"});
  Git(directory, {"commit", "--quiet", "--message", message});
}

void GitTest::ChangeAtRemote(const std::string& file, std::string_view content) const {
  std::filesystem::remove_all(Path("elsewhere"));
  Clone("elsewhere");
  Write("elsewhere/" + file, content);
  CommitAll("elsewhere", "change of somebody else");
  Git("elsewhere", {"push", "--quiet", "origin", "HEAD:refs/heads/main"});
}

std::string GitTest::AtRemote(const std::string& file) const {
  return Git("remote.git", {"show", "main:" + file});
}

std::string GitTest::StatusOf(const std::string& directory) const {
  return Git(directory, {"status", "--porcelain", "--untracked-files=all"});
}

}  // namespace imglife
