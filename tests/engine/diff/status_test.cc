#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/diff/diff.h"
#include "tests/engine/diff/scene.h"
#include "tests/engine/plan/plan_maker.h"

namespace imglife {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class DiffStatusOfAReport : public ::testing::Test {
 protected:
  DiffStatusOfAReport() { scene_.observed.status_file_in_work_tree = true; }

  StageDiff Status(const std::vector<Action>& others = {}) const {
    return DiffStatus(scene_.config, scene_.Wanted(), scene_.observed, kNow, others);
  }

  // The file as a run of now would leave it.
  void UpToDate() { scene_.observed.status_file_content = Status().actions.at(0).commit.content; }

  Scene scene_{R"(
sync:
  entries: [{source: alpine, target: r.io/m, tag: '3'}]
status: {output: docs/STATUS.md, title: Our images}
)"};
};

TEST_F(DiffStatusOfAReport, MakesAFileThatIsNotThere) {
  const StageDiff diff = Status();
  EXPECT_THAT(diff.errors, IsEmpty());
  ASSERT_THAT(Addresses(diff.actions), ElementsAre("commit docs/STATUS.md"));
  const Action& commit = diff.actions[0];
  EXPECT_EQ(commit.stage, Stage::kStatus);
  EXPECT_EQ(commit.operation, Operation::kCreate);
  EXPECT_EQ(commit.before, kAbsent);
  EXPECT_EQ(commit.after, Digest::OfBytes(commit.commit.content).str());
  EXPECT_TRUE(commit.commit.content_known);
  EXPECT_THAT(commit.remarks, ElementsAre("the report's facts changed"));
  EXPECT_THAT(diff.warnings, IsEmpty());
  EXPECT_THAT(commit.commit.content, HasSubstr("Our images"));
  EXPECT_EQ(commit.rule.path, "status");
}

TEST_F(DiffStatusOfAReport, SaysThatNothingIsCommitted) {
  scene_.observed.status_file_in_work_tree = false;
  const StageDiff outside = Status();
  EXPECT_THAT(
      outside.actions.at(0).remarks,
      ElementsAre("the report's facts changed", "written, not committed (not in a git work tree)"));
  EXPECT_THAT(outside.warnings,
              ElementsAre("docs/STATUS.md is written and not committed: it isn't in a git work "
                          "tree; status.git.commit: false says that this is meant"));

  scene_.config.status.git.commit = false;
  const StageDiff meant = Status();
  EXPECT_THAT(meant.actions.at(0).remarks,
              ElementsAre("the report's facts changed",
                          "written, not committed (status.git.commit is false)"));
  EXPECT_THAT(meant.warnings, IsEmpty());
}

TEST_F(DiffStatusOfAReport, LeavesAFileThatSaysTheSame) {
  UpToDate();
  EXPECT_THAT(Status().actions, IsEmpty());
}

TEST_F(DiffStatusOfAReport, CommitsAFileThatSaysTheSameAndIsNotCommitted) {
  UpToDate();
  scene_.observed.status_file_uncommitted = true;
  const StageDiff diff = Status();
  ASSERT_THAT(Addresses(diff.actions), ElementsAre("commit docs/STATUS.md"));
  EXPECT_EQ(diff.actions[0].stage, Stage::kStatus);
  EXPECT_EQ(diff.actions[0].after, diff.actions[0].before);
  EXPECT_EQ(diff.actions[0].commit.content, *scene_.observed.status_file_content);
  EXPECT_THAT(diff.actions[0].remarks, ElementsAre("written already, not committed yet"));
}

TEST_F(DiffStatusOfAReport, WritesAgainWhenAFactChanged) {
  UpToDate();
  const std::string before = *scene_.observed.status_file_content;
  scene_.config.status.title = "Their images";
  const StageDiff diff = Status();
  ASSERT_EQ(diff.actions.size(), 1u);
  EXPECT_EQ(diff.actions[0].operation, Operation::kUpdate);
  EXPECT_EQ(diff.actions[0].before, Digest::OfBytes(before).str());
  EXPECT_EQ(diff.actions[0].reason, "the report's facts changed");
}

TEST_F(DiffStatusOfAReport, KeepsWhatIsAroundTheMarks) {
  scene_.observed.status_file_content =
      "mine\n<!-- imglife:status:begin -->old<!-- imglife:status:end -->\nmine too\n";
  const std::string content = Status().actions.at(0).commit.content;
  EXPECT_THAT(content, StartsWith("mine\n<!-- imglife:status:begin -->"));
  EXPECT_THAT(content, testing::EndsWith("<!-- imglife:status:end -->\nmine too\n"));
  EXPECT_THAT(content, testing::Not(HasSubstr("old")));
}

TEST_F(DiffStatusOfAReport, RefusesAFileWithOneOfTheMarks) {
  for (const char* content :
       {"mine\n<!-- imglife:status:begin -->\nmine too\n", "mine\n<!-- imglife:status:end -->\n",
        "<!-- imglife:status:end -->\n<!-- imglife:status:begin -->\n"}) {
    scene_.observed.status_file_content = content;
    for (const std::vector<Action>& others :
         {std::vector<Action>{}, std::vector<Action>{MakeCopy("r.io/m:3")}}) {
      const StageDiff diff = Status(others);
      EXPECT_THAT(diff.actions, IsEmpty()) << content;
      EXPECT_THAT(diff.errors, ElementsAre(AllOf(StartsWith("imglife.yaml:4:1: status: "
                                                            "docs/STATUS.md: "),
                                                 HasSubstr("<!-- imglife:status:begin -->"))))
          << content;
    }
  }
}

TEST_F(DiffStatusOfAReport, KnowsNothingOfItsContentBeforeWhatItTellsOf) {
  UpToDate();
  for (const Action& other : {MakeCopy("r.io/m:3"), MakeBuild("r.io/b:1", "r.io/m:3"),
                              MakeDelete("r.io/m:2"), MakeCommit(Stage::kEol, "eol-data.yaml")}) {
    const StageDiff diff = Status({other});
    ASSERT_EQ(diff.actions.size(), 1u) << other.Address();
    EXPECT_FALSE(diff.actions[0].commit.content_known);
    EXPECT_EQ(diff.actions[0].commit.content, "");
    EXPECT_EQ(diff.actions[0].after, "");
    EXPECT_EQ(diff.actions[0].reason, "the report follows what this plan changes");
  }
}

TEST_F(DiffStatusOfAReport, DoesNotWaitForWhatChangesNoFact) {
  UpToDate();
  Action blocked = MakeCopy("r.io/m:3");
  blocked.blocked = Block{"drift", "a test says so"};
  EXPECT_THAT(
      Status({blocked, MakeHook("post_sync r.io/m", {}), MakeArchive("r.io/m:2", "archive.io/m:2")})
          .actions,
      IsEmpty());
}

TEST_F(DiffStatusOfAReport, NamesDeletionsThatAreBlocked) {
  UpToDate();
  Action blocked = MakeDelete("r.io/m:2");
  blocked.blocked = Block{"min_keep", "a test says so"};
  const StageDiff diff = Status({blocked});
  ASSERT_EQ(diff.actions.size(), 1u);
  EXPECT_THAT(diff.actions[0].commit.content, HasSubstr("r.io/m:2"));
}

TEST_F(DiffStatusOfAReport, WritesNothingOverAFileThatCannotBeRead) {
  scene_.observed.status_file_status = absl::PermissionDeniedError("docs/STATUS.md: denied");
  const StageDiff diff = Status();
  EXPECT_THAT(diff.actions, IsEmpty());
  EXPECT_THAT(diff.errors, ElementsAre(Problem("docs/STATUS.md: denied")));
}

TEST_F(DiffStatusOfAReport, WritesNothingWithoutAnOutput) {
  scene_.config.status.output.clear();
  EXPECT_THAT(Status({MakeCopy("r.io/m:3")}).actions, IsEmpty());
}

}  // namespace
}  // namespace imglife
