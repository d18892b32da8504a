#include <algorithm>
#include <filesystem>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/providers/git/git_fixture.h"

namespace imglife {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// As an imglife that gets its first signal when it is about to push: no program starts any more.
class StoppingRunner : public ProcessRunner {
 public:
  absl::StatusOr<ProcessResult> Run(const ProcessSpec& spec) override {
    if (std::count(spec.argv.begin(), spec.argv.end(), "push") > 0) StopAll();
    return runner_->Run(spec);
  }
  void StopAll() override { runner_->StopAll(); }
  void KillAll() override { runner_->KillAll(); }

 private:
  std::unique_ptr<ProcessRunner> runner_ = MakeProcessRunner();
};

class PushTest : public GitTest {
 protected:
  void SetUp() override {
    GitTest::SetUp();
    MakeRemoteAndClone();
    ChangeAtRemote("shared", "1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    Git("work", {"pull", "--quiet"});
  }

  absl::StatusOr<bool> CommitAndPush(const std::string& file, const std::string& branch = "main",
                                     const std::string& remote = "origin") {
    return git_->CommitAndPushFile({.file = Path("work/" + file),
                                    .message = "from here\n\nbody",
                                    .author_name = "EOL Bot",
                                    .author_email = "bot@example.com"},
                                   {.remote = remote, .branch = branch});
  }
  absl::Status Push(const std::string& branch = "main", const std::string& remote = "origin") {
    return CommitAndPush("file", branch, remote).status();
  }
  void Change(const std::string& file, std::string_view content) { Write("work/" + file, content); }

  // Somebody's commit in the work tree that they didn't push.
  void CommitUnpushed(const std::string& file, std::string_view content) {
    Change(file, content);
    CommitAll("work", "not pushed");
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
  Change("file", "two\n");
  const absl::Status status = Push();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(RemoteHead(), Git("work", {"rev-parse", "HEAD"}));
  EXPECT_EQ(RemoteHead("%an <%ae>|%B"), "EOL Bot <bot@example.com>|from here\n\nbody");
  EXPECT_EQ(StatusOf("work"), "");
  EXPECT_EQ(CommitAndPush("file").value_or(true), false) << "again, with nothing to push";
}

TEST_F(PushTest, PushesFromADetachedHead) {
  Git("work", {"checkout", "--quiet", "--detach"});
  Git("work", {"branch", "--quiet", "-D", "main"});
  Change("file", "two\n");
  const absl::Status status = Push();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(AtRemote("file"), "two");
}

TEST_F(PushTest, MakesABranchThatIsntThere) {
  Change("file", "two\n");
  EXPECT_TRUE(Push("eol/updates").ok());
  EXPECT_EQ(Git("remote.git", {"rev-parse", "eol/updates"}), Git("work", {"rev-parse", "HEAD"}));
}

TEST_F(PushTest, PutsItsCommitOnTopOfAChangeOfSomebodyElse) {
  ChangeAtRemote("other", "other\n");
  Change("file", "two\n");
  MakeDirty();
  const std::string theirs = RemoteHead();
  const std::string parent = Git("work", {"rev-parse", "HEAD"});
  const absl::Status status = Push();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(AtRemote("file"), "two");
  EXPECT_EQ(AtRemote("other"), "other");
  EXPECT_EQ(RemoteHead("%P"), theirs);
  EXPECT_EQ(RemoteHead("%an <%ae>|%B"), "EOL Bot <bot@example.com>|from here\n\nbody");
  EXPECT_EQ(RemoteHead("%ai %ci"), Git("work", {"log", "-1", "--format=%ai %ci"}));
  EXPECT_EQ(Git("work", {"log", "-1", "--format=%P"}), parent);
  EXPECT_EQ(StatusOf("work"), " M shared\nA  staged\n?? untracked");
  EXPECT_EQ(Read("work/shared"), "dirty\n");
}

TEST_F(PushTest, MergesChangesOfDifferentLinesOfOneFile) {
  ChangeAtRemote("shared", "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n");
  Change("shared", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n");
  const absl::Status status = CommitAndPush("shared").status();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(AtRemote("shared"), "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10");
}

TEST_F(PushTest, PushesNewAndBinaryFilesFromAFolder) {
  ChangeAtRemote("other", "other\n");
  const std::string binary("\0\x01\xff\n\0", 5);
  Write("work/folder/file", binary);
  const absl::Status status = CommitAndPush("folder/file").status();
  EXPECT_TRUE(status.ok()) << status;
  Git("work", {"pull", "--quiet", "--rebase"});
  EXPECT_EQ(Read("work/folder/file"), binary);
  EXPECT_EQ(Read("work/other"), "other\n");
}

TEST_F(PushTest, ASecondCommitAfterARebasedOneIsRebasedToo) {
  ChangeAtRemote("other", "other\n");
  Change("file", "two\n");
  ASSERT_TRUE(Push().ok());
  Change("status", "report\n");
  const absl::Status status = CommitAndPush("status").status();
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
  Change("file", "ours\n");
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
  Change("file", "two\n");
  const absl::Status status = Push();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(RemoteHead(), theirs);
}

TEST_F(PushTest, WithoutANewCommitNothingIsPushed) {
  ChangeAtRemote("other", "other\n");
  CommitUnpushed("unpushed", "mine\n");
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
  Change("file", "two\n");
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
  Change("file", "two\n");
  ChangeAtRemote("other", "changed\n");
  const absl::Status status = Push();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(AtRemote("file"), "two");
  EXPECT_EQ(AtRemote("other"), "changed");
}

TEST_F(PushTest, AServerThatRefusesIsPermissionDenied) {
  Hook("remote.git/hooks/pre-receive", "echo 'main is protected'; exit 1\n");
  Change("file", "two\n");
  const absl::Status status = Push();
  EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
  EXPECT_EQ(std::string(status.message()),
            "pushing to main at origin was refused: main is protected");
}

TEST_F(PushTest, NobodyElsesCommitGoesAlong) {
  CommitUnpushed("unpushed", "mine\n");
  const std::string theirs = RemoteHead();
  Change("file", "two\n");
  const absl::Status status = Push();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(AtRemote("file"), "two");
  EXPECT_EQ(RemoteHead("%P"), theirs);
  EXPECT_EQ(Git("remote.git", {"ls-tree", "--name-only", "main"}), "file\nshared");
  EXPECT_EQ(Git("work", {"log", "--format=%s", "-2"}), "from here\nnot pushed");
  EXPECT_EQ(StatusOf("work"), "");
  // What was mine alone is still mine to push.
  Git("work",
      {"-c", "user.name=x", "-c", "user.email=x@example.com", "pull", "--quiet", "--rebase"});
  Git("work", {"push", "--quiet"});
  EXPECT_EQ(AtRemote("unpushed"), "mine");
  EXPECT_EQ(RemoteHead("%s"), "not pushed");
}

TEST_F(PushTest, NobodyElsesCommitGoesAlongToANewBranch) {
  CommitUnpushed("unpushed", "mine\n");
  const std::string theirs = RemoteHead();
  Change("file", "two\n");
  EXPECT_TRUE(Push("eol/updates").ok());
  EXPECT_EQ(Git("remote.git", {"show", "eol/updates:file"}), "two");
  EXPECT_EQ(Git("remote.git", {"log", "-1", "--format=%P", "eol/updates"}), theirs);
  EXPECT_EQ(RemoteHead(), theirs);
}

TEST_F(PushTest, AnOldHeadStartsANewBranchWhereItIs) {
  ChangeAtRemote("other", "other\n");
  Change("file", "two\n");
  EXPECT_TRUE(Push("eol/updates").ok());
  EXPECT_EQ(Git("remote.git", {"rev-parse", "eol/updates"}), Git("work", {"rev-parse", "HEAD"}));
}

TEST_F(PushTest, AnUnpushedChangeOfTheSameFileIsNotPushedWithIt) {
  CommitUnpushed("shared", "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n");
  Change("shared", "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n");
  const absl::Status status = CommitAndPush("shared").status();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(AtRemote("shared"), "1\n2\n3\n4\n5\n6\n7\n8\n9\n10");
}

TEST_F(PushTest, ALineThatOnlyUnpushedCommitsHaveIsAConflict) {
  CommitUnpushed("new", "mine\n");
  Change("new", "changed\n");
  const std::string before = Everything();
  const std::string theirs = RemoteHead();
  const absl::Status status = CommitAndPush("new").status();
  EXPECT_TRUE(absl::IsAborted(status)) << status;
  EXPECT_EQ(Everything(), before);
  EXPECT_EQ(RemoteHead(), theirs);
}

TEST_F(PushTest, AnEmptyRemoteGetsTheFirstCommitAndNoOther) {
  Git("", {"init", "--quiet", "--bare", "empty.git"});
  Git("", {"init", "--quiet", "fresh"});
  const auto push = [this] {
    return git_
        ->CommitAndPushFile({.file = Path("fresh/file"), .message = "from here"},
                            {.remote = Path("empty.git"), .branch = "main"})
        .status();
  };
  Write("fresh/other", "other\n");
  CommitAll("fresh", "not pushed");
  Write("fresh/file", "one\n");
  const absl::Status status = push();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("push them first"));
  EXPECT_EQ(Git("empty.git", {"for-each-ref"}), "");
  EXPECT_EQ(StatusOf("fresh"), "?? file");

  Git("fresh", {"checkout", "--quiet", "--orphan", "bare"});
  Git("fresh", {"rm", "--quiet", "--cached", "other"});
  EXPECT_TRUE(push().ok());
  EXPECT_EQ(Git("empty.git", {"log", "--format=%s", "main"}), "from here");
  EXPECT_EQ(Git("fresh", {"log", "--format=%s", "bare"}), "from here");
}

TEST_F(PushTest, WhatIsNotPushedIsNotCommitted) {
  Change("new", "new\n");
  Change("file", "two\n");
  MakeDirty();
  const std::string before = Everything();
  const auto nothing_happened = [&](const std::string& file) {
    EXPECT_FALSE(CommitAndPush(file).ok());
    EXPECT_EQ(Everything(), before);
  };
  Hook("remote.git/hooks/pre-receive", "echo 'main is protected'; exit 1\n");
  nothing_happened("file");
  nothing_happened("new");
  nothing_happened("staged");
  fs::remove(Path("remote.git/hooks/pre-receive"));
  fs::rename(Path("remote.git"), Path("moved.git"));
  nothing_happened("file");

  fs::rename(Path("moved.git"), Path("remote.git"));
  EXPECT_TRUE(CommitAndPush("file").value_or(false));
  EXPECT_TRUE(CommitAndPush("new").value_or(false));
  EXPECT_EQ(AtRemote("file"), "two");
  EXPECT_EQ(AtRemote("new"), "new");
}

TEST_F(PushTest, StoppedWithinThePushNothingIsCommitted) {
  Change("file", "two\n");
  MakeDirty();
  const std::string before = Everything();
  StoppingRunner runner;
  const absl::Status status =
      MakeGitRepository(runner)
          ->CommitAndPushFile({.file = Path("work/file"), .message = "message"},
                              {.remote = "origin", .branch = "main"})
          .status();
  EXPECT_TRUE(absl::IsCancelled(status)) << status;
  EXPECT_EQ(Everything(), before);
}

TEST_F(PushTest, WhatIsPushedAndCouldNotBeCommittedHereIsTakenUpLater) {
  Change("file", "two\n");
  Write("work/.git/index.lock", "");
  const absl::Status status = Push();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("the commit was pushed, but"));
  EXPECT_EQ(AtRemote("file"), "two");
  const std::string theirs = RemoteHead();
  fs::remove(Path("work/.git/index.lock"));
  EXPECT_TRUE(Push().ok());
  EXPECT_EQ(RemoteHead(), theirs);
  EXPECT_EQ(StatusOf("work"), "");
}

TEST_F(PushTest, ARemoteThatIsntThereIsUnavailable) {
  Change("file", "two\n");
  EXPECT_TRUE(absl::IsUnavailable(Push("main", "nowhere")));
  EXPECT_TRUE(absl::IsUnavailable(Push("main", "--all")));
  fs::rename(Path("remote.git"), Path("moved.git"));
  const absl::Status status = Push();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("main at origin"));
}

TEST_F(PushTest, RefusesWhatIsNoBranch) {
  Change("file", "two\n");
  for (const char* const branch : {"", "a:b", "a..b", "a b", "x.lock"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Push(branch))) << branch;
  }
  EXPECT_TRUE(Push("-x").ok());
  EXPECT_EQ(Git("remote.git", {"show", "refs/heads/-x:file"}), "two");
}

TEST_F(PushTest, PushesItsBranchAlone) {
  Git("work", {"tag", "--annotate", "-m", "x", "v1"});
  Git("work", {"branch", "other-branch"});
  Git("work", {"config", "push.followTags", "true"});
  Git("work", {"config", "push.gpgSign", "if-asked"});
  Change("file", "two\n");
  EXPECT_TRUE(Push().ok());
  EXPECT_EQ(Git("remote.git", {"for-each-ref", "--format=%(refname)"}), "refs/heads/main");
}

}  // namespace
}  // namespace imglife
