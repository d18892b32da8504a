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

class CommitFileTest : public GitTest {
 protected:
  void SetUp() override {
    GitTest::SetUp();
    MakeRemoteAndClone();
  }

  absl::Status Commit(const std::string& name, const std::string& message = "message") {
    return git_->CommitFile({.file = Path("work/" + name), .message = message}).status();
  }
  bool Differs(const std::string& name) const {
    const auto differs = git_->FileDiffersFromHead(Path("work/" + name));
    EXPECT_TRUE(differs.ok()) << differs.status();
    return differs.value_or(false);
  }

  // What the last commit changed: "M\tfile".
  std::string Changed() const {
    return Git("work", {"diff-tree", "--root", "--no-commit-id", "--name-status", "-r", "HEAD"});
  }
  std::string Head(const std::string& format = "%H") const {
    return Git("work", {"log", "-1", "--format=" + format});
  }
};

TEST_F(CommitFileTest, AskingWhetherAFileDiffersLeavesNoObject) {
  const std::string before = Git("work", {"count-objects", "-v"});
  Write("work/file", "a text that git has never seen\n");
  EXPECT_TRUE(Differs("file"));
  EXPECT_EQ(Git("work", {"count-objects", "-v"}), before);
  EXPECT_TRUE(Commit("file").ok());
  EXPECT_FALSE(Differs("file"));
}

TEST_F(CommitFileTest, CommitsWhatIsInTheFile) {
  Write("work/file", "two\n");
  const absl::Status status = Commit("file", "subject\n\n# not a comment\nbody");
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Changed(), "M\tfile");
  EXPECT_EQ(Git("work", {"show", "HEAD:file"}), "two");
  EXPECT_EQ(Head("%B"), "subject\n\n# not a comment\nbody");
  EXPECT_EQ(StatusOf("work"), "");
}

TEST_F(CommitFileTest, CommitsANewFileInAFolder) {
  Write("work/a/b/new", "text\n");
  const absl::Status status = Commit("a/b/new");
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Changed(), "A\ta/b/new");
  EXPECT_EQ(StatusOf("work"), "");
}

TEST_F(CommitFileTest, CommitsANewEmptyFile) {
  Write("work/new", "");
  EXPECT_TRUE(Commit("new").ok());
  EXPECT_EQ(Changed(), "A\tnew");
}

TEST_F(CommitFileTest, LeavesEverythingElseAsItIs) {
  Write("work/tracked", "one\n");
  Write("work/removed", "one\n");
  CommitAll("work", "more");
  Write("work/staged", "staged\n");
  Git("work", {"add", "staged"});
  Write("work/staged", "and changed again\n");
  Git("work", {"rm", "--quiet", "removed"});
  Write("work/tracked", "dirty\n");
  Write("work/untracked", "untracked\n");
  const std::string before = StatusOf("work");
  Write("work/new", "text\n");
  const absl::Status status = Commit("new");
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Changed(), "A\tnew");
  EXPECT_EQ(StatusOf("work"), before);
  EXPECT_EQ(Git("work", {"show", ":staged"}), "staged");
}

TEST_F(CommitFileTest, NothingToCommitMakesNoCommit) {
  const std::string before = Head();
  Write("work/staged", "staged\n");
  Git("work", {"add", "staged"});
  EXPECT_TRUE(Commit("file").ok());
  Write("work/file", "one\n");  // newer, and the same
  EXPECT_TRUE(Commit("file").ok());
  EXPECT_TRUE(Commit("missing").ok());
  EXPECT_EQ(Head(), before);
}

TEST_F(CommitFileTest, TellsWhetherItMadeACommit) {
  EXPECT_EQ(git_->CommitFile({.file = Path("work/file"), .message = "x"}).value_or(true), false);
  Write("work/file", "two\n");
  EXPECT_EQ(git_->CommitFile({.file = Path("work/file"), .message = "x"}).value_or(false), true);
}

TEST_F(CommitFileTest, TellsWhetherThereIsSomethingToCommit) {
  EXPECT_FALSE(Differs("file"));
  EXPECT_FALSE(Differs("missing"));
  Write("work/file", "two\n");
  Write("work/folder/new", "text\n");
  const std::string before = StatusOf("work");
  EXPECT_TRUE(Differs("file"));
  EXPECT_TRUE(Differs("folder/new"));
  EXPECT_EQ(StatusOf("work"), before);
  Git("work", {"add", "--all"});
  EXPECT_TRUE(Differs("file")) << "what is staged is not committed";
  ASSERT_TRUE(Commit("file").ok());
  ASSERT_TRUE(Commit("folder/new").ok());
  EXPECT_FALSE(Differs("file"));
  EXPECT_FALSE(Differs("folder/new"));
  fs::remove(Path("work/file"));
  EXPECT_TRUE(Differs("file"));
}

TEST_F(CommitFileTest, SeesThroughWhatGitConverts) {
  Write("work/.gitattributes", "crlf text eol=crlf\n");
  Write("work/crlf", "one\r\n");
  CommitAll("work", "with carriage returns in the work tree alone");
  EXPECT_FALSE(Differs("crlf"));
  Write("work/crlf", "two\r\n");
  EXPECT_TRUE(Differs("crlf"));
  ASSERT_TRUE(Commit("crlf").ok());
  EXPECT_EQ(Git("work", {"show", "HEAD:crlf"}), "two");
  EXPECT_EQ(StatusOf("work"), "");
}

TEST_F(CommitFileTest, WorksInALinkedWorkTree) {
  Git("work", {"worktree", "add", "--quiet", "-b", "linked", Path("linked")});
  Write("linked/file", "two\n");
  const absl::Status status =
      git_->CommitFile({.file = Path("linked/file"), .message = "linked"}).status();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Git("linked", {"log", "-1", "--format=%s", "linked"}), "linked");
  EXPECT_EQ(StatusOf("linked"), "");
  EXPECT_EQ(Head("%s"), "first");
}

TEST_F(CommitFileTest, RefusesWithinAMerge) {
  Git("work", {"checkout", "--quiet", "-b", "side"});
  Write("work/side", "side\n");
  CommitAll("work", "side");
  Git("work", {"checkout", "--quiet", "main"});
  Git("work", {"merge", "--quiet", "--no-ff", "--no-commit", "side"});
  const std::string before = Head() + StatusOf("work");
  Write("work/new", "text\n");
  const absl::Status status = Commit("new");
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("a merge is under way"));
  fs::remove(Path("work/new"));
  EXPECT_EQ(Head() + StatusOf("work"), before);
}

TEST_F(CommitFileTest, AnIndexThatCannotBeWrittenLeavesHeadWhereItWas) {
  const std::string before = Head();
  Write("work/file", "two\n");
  Write("work/.git/index.lock", "");
  const absl::Status status = Commit("file");
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("index.lock"));
  EXPECT_EQ(Head(), before);
  EXPECT_EQ(Git("work", {"symbolic-ref", "HEAD"}), "refs/heads/main");
}

TEST_F(CommitFileTest, HooksSeeTheFileAsItIsCommitted) {
  Write("work/.git/hooks/pre-commit",
        "#!/bin/sh\n{ git diff --cached --name-only; git show :file; cat file; } > seen\n");
  fs::permissions(Path("work/.git/hooks/pre-commit"), fs::perms::owner_all);
  Write("work/staged", "staged\n");
  Git("work", {"add", "staged"});
  Write("work/file", "two\n");
  const absl::Status status = Commit("file");
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Read("work/seen"), "file\ntwo\ntwo\n");
}

TEST_F(CommitFileTest, WhatIsStagedOfTheFileItselfDoesntCount) {
  const std::string before = Head();
  Write("work/file", "staged\n");
  Git("work", {"add", "file"});
  Write("work/file", "one\n");
  EXPECT_TRUE(Commit("file").ok());
  EXPECT_EQ(Head(), before);
  Write("work/file", "two\n");
  EXPECT_TRUE(Commit("file").ok());
  EXPECT_EQ(Git("work", {"show", "HEAD:file"}), "two");
}

TEST_F(CommitFileTest, CommitsThatTheFileIsGone) {
  fs::remove(Path("work/file"));
  EXPECT_TRUE(Commit("file").ok());
  EXPECT_EQ(Changed(), "D\tfile");
}

TEST_F(CommitFileTest, TakesStrangeNamesAsTheyAre) {
  for (const char* const name : {"-f", "--all", "*", ":(top)x", "a b\n\"c\"", "\xc3\xa4", "[x]"}) {
    Write(std::string("work/") + name, "text\n");
    Write("work/x", "not this\n");
    const absl::Status status = Commit(name);
    EXPECT_TRUE(status.ok()) << name << status;
    EXPECT_EQ(Git("work", {"diff-tree", "--no-commit-id", "--name-only", "-r", "-z", "HEAD"}),
              std::string(name) + std::string(1, '\0'));
  }
}

TEST_F(CommitFileTest, MakesTheFirstCommitOfARepository) {
  fs::create_directory(Path("fresh"));
  Git("fresh", {"init", "--quiet"});
  Write("fresh/new", "text\n");
  const absl::Status status =
      git_->CommitFile({.file = Path("fresh/new"), .message = "first"}).status();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Git("fresh", {"log", "--format=%s"}), "first");
}

TEST_F(CommitFileTest, WorksOnADetachedHead) {
  Git("work", {"checkout", "--quiet", "--detach"});
  Write("work/file", "two\n");
  EXPECT_TRUE(Commit("file").ok());
  EXPECT_EQ(Git("work", {"show", "HEAD:file"}), "two");
}

TEST_F(CommitFileTest, WritesThroughALinkAndCommitsWhatItLeadsTo) {
  fs::create_symlink("file", Path("work/link"));
  CommitAll("work", "link");
  Write("work/link", "two\n");
  EXPECT_TRUE(Commit("link").ok());
  EXPECT_EQ(Changed(), "M\tfile");
}

TEST_F(CommitFileTest, TakesARelativePath) {
  Write("work/file", "two\n");
  const fs::path before = fs::current_path();
  fs::current_path(Path("work"));
  const absl::Status status = git_->CommitFile({.file = "file", .message = "message"}).status();
  fs::current_path(before);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Changed(), "M\tfile");
}

TEST_F(CommitFileTest, AnIgnoredFileIsAnErrorThatSaysSo) {
  Write("work/.gitignore", "ignored\n");
  Write("work/ignored", "text\n");
  const absl::Status status = Commit("ignored");
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(".gitignore"));
}

TEST_F(CommitFileTest, AHookThatRefusesLeavesTheIndexAsItWas) {
  Write("work/.git/hooks/pre-commit", "#!/bin/sh\necho 'no commits today' >&2\nexit 1\n");
  fs::permissions(Path("work/.git/hooks/pre-commit"), fs::perms::owner_all);
  Write("work/new", "text\n");
  Write("work/staged", "staged\n");
  Git("work", {"add", "staged"});
  const std::string before = StatusOf("work");
  const absl::Status status = Commit("new");
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_EQ(std::string(status.message()), "can't commit new: no commits today");
  EXPECT_EQ(StatusOf("work"), before);
}

TEST_F(CommitFileTest, NeverSigns) {
  Git("work", {"config", "commit.gpgSign", "true"});
  Git("work", {"config", "gpg.program", "/no/such/program"});
  Write("work/file", "two\n");
  const absl::Status status = Commit("file");
  EXPECT_TRUE(status.ok()) << status;
}

TEST_F(CommitFileTest, NamesImglifeWhereNobodySaysWhoItIs) {
  Write("work/file", "two\n");
  ASSERT_TRUE(Commit("file").ok());
  EXPECT_EQ(Head("%an <%ae> %cn <%ce>"), "imglife <imglife@localhost> imglife <imglife@localhost>");
}

TEST_F(CommitFileTest, UsesGitsOwnSettings) {
  Git("work", {"config", "user.name", "Own"});
  Git("work", {"config", "user.email", "own@example.com"});
  Write("work/file", "two\n");
  ASSERT_TRUE(Commit("file").ok());
  EXPECT_EQ(Head("%an <%ae> %cn <%ce>"), "Own <own@example.com> Own <own@example.com>");
  setenv("GIT_AUTHOR_NAME", "From Variable", 1);
  Write("work/file", "three\n");
  ASSERT_TRUE(Commit("file").ok());
  unsetenv("GIT_AUTHOR_NAME");
  EXPECT_EQ(Head("%an <%ae> %cn"), "From Variable <own@example.com> Own");
}

TEST_F(CommitFileTest, TheAuthorThatIsAskedForWins) {
  const auto commit = [&](const std::string& content) {
    Write("work/file", content);
    return git_
        ->CommitFile({.file = Path("work/file"),
                      .message = "message",
                      .author_name = "EOL Bot",
                      .author_email = "bot@example.com"})
        .status();
  };
  ASSERT_TRUE(commit("two\n").ok());
  EXPECT_EQ(Head("%an <%ae> %cn <%ce>"), "EOL Bot <bot@example.com> EOL Bot <bot@example.com>");
  Git("work", {"config", "user.name", "Own"});
  Git("work", {"config", "user.email", "own@example.com"});
  ASSERT_TRUE(commit("three\n").ok());
  EXPECT_EQ(Head("%an <%ae> %cn <%ce>"), "EOL Bot <bot@example.com> Own <own@example.com>");
}

TEST_F(CommitFileTest, OutsideOfARepositoryItFails) {
  Write("plain/file", "text\n");
  const absl::Status status =
      git_->CommitFile({.file = Path("plain/file"), .message = "message"}).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("not a git repository"));
}

}  // namespace
}  // namespace imglife
