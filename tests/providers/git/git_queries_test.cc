#include <cstdlib>
#include <filesystem>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/providers/git/git_fixture.h"

namespace imglife {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

using GitQueriesTest = GitTest;

TEST_F(GitQueriesTest, KnowsWhatIsInAWorkTree) {
  MakeRemoteAndClone();
  fs::create_directories(Path("work/folder"));
  fs::create_directory(Path("plain"));
  for (const char* const inside :
       {"work", "work/", "work/file", "work/new", "work/folder", "work/no/such/folder/file"}) {
    EXPECT_TRUE(git_->InWorkTree(Path(inside))) << inside;
  }
  for (const char* const outside : {"plain", "plain/file", "remote.git", "work/.git", "missing"}) {
    EXPECT_FALSE(git_->InWorkTree(Path(outside))) << outside;
  }
}

TEST_F(GitQueriesTest, FollowsSymbolicLinks) {
  MakeRemoteAndClone();
  fs::create_directory(Path("plain"));
  fs::create_symlink(Path("work/file"), Path("plain/into"));
  fs::create_symlink(Path("plain/file"), Path("work/out_of"));
  EXPECT_TRUE(git_->InWorkTree(Path("plain/into")));
  EXPECT_FALSE(git_->InWorkTree(Path("work/out_of")));
  fs::create_symlink("loop", Path("work/loop"));
  EXPECT_TRUE(git_->InWorkTree(Path("work/loop")));
}

TEST_F(GitQueriesTest, TellsTheCommitThatIsCheckedOut) {
  MakeRemoteAndClone();
  const std::string head = Git("work", {"rev-parse", "HEAD"});
  EXPECT_EQ(git_->HeadCommit(Path("work/file")).value_or(""), head);
  EXPECT_EQ(git_->HeadCommit(Path("work")).value_or(""), head);
  fs::create_directory(Path("empty"));
  EXPECT_TRUE(absl::IsNotFound(git_->HeadCommit(Path("empty")).status()));
  Git("empty", {"init", "--quiet"});
  EXPECT_TRUE(absl::IsNotFound(git_->HeadCommit(Path("empty")).status()));
}

TEST_F(GitQueriesTest, TellsTheBranchUnlessHeadIsDetached) {
  MakeRemoteAndClone();
  EXPECT_EQ(git_->CurrentBranch(Path("work")).value_or(""), "main");
  // A tag of the same name doesn't change the branch's.
  Git("work", {"checkout", "--quiet", "-b", "feature/x"});
  Git("work", {"tag", "feature/x"});
  EXPECT_EQ(git_->CurrentBranch(Path("work")).value_or(""), "feature/x");
  Git("work", {"checkout", "--quiet", "--detach"});
  EXPECT_TRUE(absl::IsNotFound(git_->CurrentBranch(Path("work")).status()));
  EXPECT_TRUE(absl::IsNotFound(git_->CurrentBranch(Path("")).status()));
}

TEST_F(GitQueriesTest, TellsTheOriginWithoutCredentials) {
  MakeRemoteAndClone();
  EXPECT_EQ(git_->OriginUrl(Path("work")).value_or(""), Path("remote.git"));
  Git("work", {"remote", "set-url", "origin", "https://ci:t0ken@git.example.com/a/b.git"});
  EXPECT_EQ(git_->OriginUrl(Path("work")).value_or(""), "https://git.example.com/a/b.git");
  Git("work", {"remote", "rename", "origin", "upstream"});
  EXPECT_TRUE(absl::IsNotFound(git_->OriginUrl(Path("work")).status()));
}

TEST_F(GitQueriesTest, SaysWhatToDoAboutARepositoryOfSomebodyElse) {
  MakeRemoteAndClone();
  // What git's own tests use to make it think so.
  setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1", 1);
  const bool in_work_tree = git_->InWorkTree(Path("work/file"));
  const absl::Status status =
      git_->CommitFile({.file = Path("work/file"), .message = "message"}).status();
  const absl::Status differs = git_->FileDiffersFromHead(Path("work/file")).status();
  const absl::Status head = git_->HeadCommit(Path("work")).status();
  unsetenv("GIT_TEST_ASSUME_DIFFERENT_OWNER");
  EXPECT_TRUE(in_work_tree) << "so that the commit says what is wrong";
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("git config --global --add safe.directory " + Path("work")));
  EXPECT_EQ(differs, status);
  EXPECT_TRUE(absl::IsFailedPrecondition(head)) << head;
}

TEST_F(GitQueriesTest, AMachineWithoutGit) {
  MakeRemoteAndClone();
  const std::string path = std::getenv("PATH");
  setenv("PATH", Path("home").c_str(), 1);
  const bool in_work_tree = git_->InWorkTree(Path("work"));
  const absl::Status head = git_->HeadCommit(Path("work")).status();
  const absl::Status commit =
      git_->CommitFile({.file = Path("work/file"), .message = "x"}).status();
  setenv("PATH", path.c_str(), 1);
  EXPECT_FALSE(in_work_tree);
  EXPECT_TRUE(absl::IsNotFound(head)) << head;
  EXPECT_EQ(std::string(commit.message()), "there is no program git in PATH; install it");
}

}  // namespace
}  // namespace imglife
