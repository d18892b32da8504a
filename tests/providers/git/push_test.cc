#include <filesystem>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/providers/git/git_fixture.h"

namespace imglife {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class PushTest : public GitTest {
 protected:
  void SetUp() override {
    GitTest::SetUp();
    MakeRemoteAndClone();
    ChangeAtRemote("shared", "1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    Git("work", {"pull", "--quiet"});
  }

  void CommitHere(const std::string& file, std::string_view content) {
    Write("work/" + file, content);
    const absl::Status status = git_->CommitFile({.file = Path("work/" + file),
                                                  .message = "from here\n\nbody",
                                                  .author_name = "EOL Bot",
                                                  .author_email = "bot@example.com"});
    ASSERT_TRUE(status.ok()) << status;
  }

  absl::Status Push(const std::string& branch = "main", const std::string& remote = "origin") {
    return git_->Push(Path("work/file"), {.remote = remote, .branch = branch});
  }

  std::string RemoteHead(const std::string& format = "%H") const {
    return Git("remote.git", {"log", "-1", "--format=" + format, "main"});
  }

  // Everything about the work tree that a push could disturb.
  std::string Everything() const {
    return Git("work", {"rev-parse", "HEAD"}) + "\n" + Git("work", {"branch", "--list"}) + "\n" +
           StatusOf("work") + "\n" + Git("work", {"diff"}) + "\n" +
           Git("work", {"diff", "--cached"}) + "\n" + Git("work", {"stash", "list"}) + "\n" +
           Git("work", {"worktree", "list"}) + "\n" + Git("work", {"for-each-ref", "refs/imglife"});
  }

  void MakeDirty() {
    Write("work/staged", "staged\n");
    Git("work", {"add", "staged"});
    Write("work/shared", "dirty\n");
    Write("work/untracked", "untracked\n");
  }

  void Hook(const std::string& repository_hook, const std::string& script) {
    Write(repository_hook, "#!/bin/sh\n" + script);
    fs::permissions(Path(repository_hook), fs::perms::owner_all);
  }
};

TEST_F(PushTest, PushesTheCommit) {
  CommitHere("file", "two\n");
  const absl::Status status = Push();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(RemoteHead(), Git("work", {"rev-parse", "HEAD"}));
  EXPECT_TRUE(Push().ok()) << "again, with nothing to push";
}

TEST_F(PushTest, PushesFromADetachedHead) {
  Git("work", {"checkout", "--quiet", "--detach"});
  Git("work", {"branch", "--quiet", "-D", "main"});
  CommitHere("file", "two\n");
  const absl::Status status = Push();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(AtRemote("file"), "two");
}

TEST_F(PushTest, MakesABranchThatIsntThere) {
  CommitHere("file", "two\n");
  EXPECT_TRUE(Push("eol/updates").ok());
  EXPECT_EQ(Git("remote.git", {"rev-parse", "eol/updates"}), Git("work", {"rev-parse", "HEAD"}));
}

TEST_F(PushTest, PutsItsCommitOnTopOfAChangeOfSomebodyElse) {
  ChangeAtRemote("other", "other\n");
  CommitHere("file", "two\n");
  MakeDirty();
  const std::string theirs = RemoteHead();
  const std::string before = Everything();
  const absl::Status status = Push();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(AtRemote("file"), "two");
  EXPECT_EQ(AtRemote("other"), "other");
  EXPECT_EQ(RemoteHead("%P"), theirs);
  EXPECT_EQ(RemoteHead("%an <%ae>|%B"), "EOL Bot <bot@example.com>|from here\n\nbody");
  EXPECT_EQ(RemoteHead("%ai %ci"), Git("work", {"log", "-1", "--format=%ai %ci"}));
  EXPECT_EQ(Everything(), before);
}

TEST_F(PushTest, MergesChangesOfDifferentLinesOfOneFile) {
  ChangeAtRemote("shared", "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n");
  CommitHere("shared", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n");
  const absl::Status status = Push();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(AtRemote("shared"), "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10");
}

TEST_F(PushTest, PushesNewAndBinaryFilesFromAFolder) {
  ChangeAtRemote("other", "other\n");
  const std::string binary("\0\x01\xff\n\0", 5);
  Write("work/folder/file", binary);
  ASSERT_TRUE(git_->CommitFile({.file = Path("work/folder/file"), .message = "binary"}).ok());
  const absl::Status status =
      git_->Push(Path("work/folder/file"), {.remote = "origin", .branch = "main"});
  EXPECT_TRUE(status.ok()) << status;
  Git("work", {"pull", "--quiet", "--rebase"});
  EXPECT_EQ(Read("work/folder/file"), binary);
  EXPECT_EQ(Read("work/other"), "other\n");
}

TEST_F(PushTest, ASecondCommitAfterARebasedOneIsRebasedToo) {
  ChangeAtRemote("other", "other\n");
  CommitHere("file", "two\n");
  ASSERT_TRUE(Push().ok());
  CommitHere("status", "report\n");
  const absl::Status status = Push();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(AtRemote("file"), "two");
  EXPECT_EQ(AtRemote("status"), "report");
  EXPECT_EQ(Git("remote.git", {"rev-list", "--count", "main"}), "5");
  // People who work here get to the same state the usual way.
  Git("work", {"pull", "--quiet", "--rebase"});
  EXPECT_EQ(Git("work", {"rev-parse", "HEAD"}), RemoteHead());
}

TEST_F(PushTest, ChangesOfTheSameLinesAreAborted) {
  ChangeAtRemote("file", "theirs\n");
  CommitHere("file", "ours\n");
  MakeDirty();
  const std::string before = Everything();
  const std::string theirs = RemoteHead();
  const absl::Status status = Push();
  EXPECT_TRUE(absl::IsAborted(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("main at origin"));
  EXPECT_EQ(Everything(), before);
  EXPECT_EQ(RemoteHead(), theirs);
}

TEST_F(PushTest, WhatSomebodyElseHasPushedAlreadyIsDone) {
  ChangeAtRemote("file", "two\n");
  const std::string theirs = RemoteHead();
  CommitHere("file", "two\n");
  const absl::Status status = Push();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(RemoteHead(), theirs);
}

TEST_F(PushTest, AnOldHeadWithoutANewCommitPushesNothing) {
  ChangeAtRemote("other", "other\n");
  const std::string theirs = RemoteHead();
  const absl::Status status = Push();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(RemoteHead(), theirs);
}

TEST_F(PushTest, GivesUpWhenTheBranchMovesAgain) {
  // Somebody else is faster each time: the hook runs between git's look at the branch and its push.
  ChangeAtRemote("other", "other\n");
  Hook("work/.git/hooks/pre-push",
       "cd '" + Path("elsewhere") +
           "' && unset GIT_DIR && git -c user.name=x -c user.email=x@example.com commit --quiet "
           "--allow-empty -m faster && git push --quiet origin HEAD:refs/heads/main\n");
  CommitHere("file", "two\n");
  const std::string before = Everything();
  const absl::Status status = Push();
  EXPECT_TRUE(absl::IsAborted(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("changed again"));
  EXPECT_EQ(Everything(), before);
  EXPECT_EQ(RemoteHead("%s"), "faster");
}

TEST_F(PushTest, WorksInAShallowClone) {
  ChangeAtRemote("other", "other\n");
  fs::remove_all(Path("work"));
  Git("", {"clone", "--quiet", "--depth=1", "file://" + Path("remote.git"), "work"});
  CommitHere("file", "two\n");
  ChangeAtRemote("other", "changed\n");
  const absl::Status status = Push();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(AtRemote("file"), "two");
  EXPECT_EQ(AtRemote("other"), "changed");
}

TEST_F(PushTest, AServerThatRefusesIsPermissionDenied) {
  Hook("remote.git/hooks/pre-receive", "echo 'main is protected'; exit 1\n");
  CommitHere("file", "two\n");
  const absl::Status status = Push();
  EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
  EXPECT_EQ(std::string(status.message()),
            "pushing to main at origin was refused: main is protected");
}

TEST_F(PushTest, ARemoteThatIsntThereIsUnavailable) {
  CommitHere("file", "two\n");
  EXPECT_TRUE(absl::IsUnavailable(Push("main", "nowhere")));
  EXPECT_TRUE(absl::IsUnavailable(Push("main", "--all")));
  fs::rename(Path("remote.git"), Path("moved.git"));
  const absl::Status status = Push();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("main at origin"));
}

TEST_F(PushTest, RefusesWhatIsNoBranch) {
  for (const char* const branch : {"", "a:b", "a..b", "a b", "x.lock"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Push(branch))) << branch;
  }
  CommitHere("file", "two\n");
  EXPECT_TRUE(Push("-x").ok());
  EXPECT_EQ(Git("remote.git", {"show", "refs/heads/-x:file"}), "two");
}

TEST_F(PushTest, PushesItsBranchAlone) {
  Git("work", {"tag", "--annotate", "-m", "x", "v1"});
  Git("work", {"branch", "other-branch"});
  Git("work", {"config", "push.followTags", "true"});
  Git("work", {"config", "push.gpgSign", "if-asked"});
  CommitHere("file", "two\n");
  EXPECT_TRUE(Push().ok());
  EXPECT_EQ(Git("remote.git", {"for-each-ref", "--format=%(refname)"}), "refs/heads/main");
}

}  // namespace
}  // namespace imglife
