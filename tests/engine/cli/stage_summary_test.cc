// Everything that a stage examined is in one row of its summary.
#include "engine/cli/stage_summary.h"

#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/plan/words.h"
#include "tests/engine/plan/plan_maker.h"

namespace imglife {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

constexpr ResultState kStates[] = {ResultState::kOk,        ResultState::kSatisfied,
                                   ResultState::kFailed,    ResultState::kSkipped,
                                   ResultState::kBlocked,   ResultState::kWithheld,
                                   ResultState::kCancelled, ResultState::kInterrupted};
constexpr std::size_t kHowMany = std::size(kStates);

// The number in the first row, and the sum of those that should add up to it.
struct Sum {
  std::size_t whole = 0;
  std::size_t parts = 0;
};

Sum SumOf(const std::string& summary) {
  Sum sum;
  std::size_t line = 0;
  for (std::size_t start = 0; start < summary.size(); ++line) {
    const std::size_t end = summary.find('\n', start);
    const std::string text = summary.substr(start, end - start);
    start = end + 1;
    std::size_t number = 0;
    if (line < 2 || text.find("Bytes") != std::string::npos ||
        text.find("Other errors") != std::string::npos) {
      continue;
    }
    EXPECT_TRUE(absl::SimpleAtoi(text.substr(text.rfind(' ') + 1), &number)) << text;
    (line == 2 ? sum.whole : sum.parts) += number;
  }
  return sum;
}

// One action of the stage in every state.
Plan InEveryState(Stage stage) {
  std::vector<Action> actions;
  for (std::size_t i = 0; i < kHowMany; ++i) {
    const std::string target = "r.test/a:" + std::to_string(i);
    if (stage == Stage::kSync) actions.push_back(MakeCopy(target));
    if (stage == Stage::kBuild) actions.push_back(MakeBuild(target, "r.test/m:1"));
    if (stage == Stage::kCleanup) actions.push_back(MakeDelete(target));
    if (stage == Stage::kEol) actions.push_back(MakeCommit(Stage::kEol, "f" + std::to_string(i)));
  }
  Plan plan;
  plan.actions = std::move(actions);
  return plan;
}

std::vector<ActionResult> EveryResult() {
  std::vector<ActionResult> results;
  for (const ResultState state : kStates) results.push_back({.state = state});
  return results;
}

TEST(StageSummary, AddsUpInEveryStage) {
  const StageExtent extent = {
      .examined = 100, .not_planned = 5, .left_out = 7, .per_action = 3, .other_errors = 1};
  for (const Stage stage : {Stage::kSync, Stage::kBuild, Stage::kCleanup, Stage::kEol}) {
    const std::string summary =
        StageSummary(stage, InEveryState(stage), EveryResult(), extent, absl::Seconds(1));
    EXPECT_EQ(SumOf(summary).whole, 100U) << summary;
    EXPECT_EQ(SumOf(summary).parts, 100U) << summary;
    EXPECT_THAT(summary, MatchesRegex("(.|\n)*└─ Other errors +1\n")) << summary;
  }
}

TEST(StageSummary, CountsWhatWasNotPlannedAsErrors) {
  EXPECT_EQ(
      StageSummary(Stage::kBuild, {}, {}, {.examined = 3, .not_planned = 2}, absl::Seconds(1)),
      "Build Summary · 1.0s\n"
      "───────────────────────────────────\n"
      "Images examined 3\n"
      "├─ Built        0\n"
      "├─ Up to date   1\n"
      "└─ Errors       2\n");
}

// A copy that failed is not an image.
TEST(StageSummary, KeepsErrorsOfOtherActionsApart) {
  Plan plan;
  plan.actions = {MakeCopy("r.test/m:1"), MakeBuild("r.test/a:1", "r.test/m:1"),
                  MakeHook("post_sync sync.entries[0]", {"copy r.test/m:1"})};
  const std::string summary = StageSummary(Stage::kBuild, plan,
                                           {{.state = ResultState::kFailed},
                                            {.state = ResultState::kSkipped},
                                            {.state = ResultState::kSkipped}},
                                           {.examined = 1}, absl::Seconds(1));
  EXPECT_THAT(summary, HasSubstr("├─ Up to date   0\n"
                                 "├─ Errors       1\n"
                                 "└─ Other errors 1\n"));
}

// Two names of one image: it goes once, and with the other name its manifest alone.
TEST(StageSummary, BytesAreWhatIsSentAndNotWhatTheNamesHaveInAll) {
  Plan plan;
  for (const char* target : {"r.test/m:1", "r.test/m:1.0", "r.test/other:1"}) {
    plan.actions.push_back(MakeCopy(target));
    plan.actions.back().bytes = 5000;
  }
  const std::vector<ActionResult> results = {{.state = ResultState::kOk, .sent = 5000},
                                             {.state = ResultState::kOk, .sent = 1},
                                             {.state = ResultState::kOk, .sent = 2000}};
  const StageExtent extent = {.examined = 3};
  EXPECT_THAT(StageSummary(Stage::kSync, plan, results, extent, absl::Seconds(1)),
              HasSubstr(SizeText(7001)));
  EXPECT_THAT(DryRunSummary(Stage::kSync, plan, results, extent, absl::Seconds(1)),
              HasSubstr(SizeText(10000)));
}

TEST(StageSummary, TellsWhatIsInTheArchiveFromWhatIsGone) {
  Plan plan;
  plan.actions = {MakeDelete("r.test/a:1"), MakeDelete("r.test/a:2")};
  plan.actions[1].removal.archived = MakeReference("r.test/old/a:2");
  const std::vector<ActionResult> done(2, {.state = ResultState::kOk});
  const std::string summary =
      StageSummary(Stage::kCleanup, plan, done, {.examined = 5}, absl::Seconds(1));
  EXPECT_THAT(summary, HasSubstr("Tags examined 5\n"
                                 "├─ Deleted    1\n"
                                 "├─ Archived   1\n"
                                 "├─ Kept       3\n"
                                 "└─ Errors     0\n"));
  EXPECT_THAT(summary, Not(HasSubstr("Other errors")));
}

TEST(DryRunSummary, NeverLooksAsIfDone) {
  const StageExtent extent = {.examined = 100, .not_planned = 1, .left_out = 1};
  for (const Stage stage : {Stage::kSync, Stage::kBuild, Stage::kCleanup, Stage::kEol}) {
    const std::string summary =
        DryRunSummary(stage, InEveryState(stage), EveryResult(), extent, absl::Seconds(1));
    EXPECT_THAT(summary, HasSubstr(" (dry run) · 1.0s\n"));
    EXPECT_THAT(summary, HasSubstr("├─ Would "));
    EXPECT_THAT(summary, EndsWith("\nDry run: nothing was changed.\n"));
    for (const char* done : {"Copied", "Built", "Deleted", "Archived", "Kept", "Updated"}) {
      EXPECT_THAT(summary, Not(HasSubstr(done)));
    }
  }
}

}  // namespace
}  // namespace imglife
