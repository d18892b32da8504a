#include "engine/report/apply_text.h"

#include <algorithm>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/engine/plan/plan_maker.h"

namespace imglife {
namespace {

TEST(ApplyClosing, IsAPublicInterface) {
  const ApplyCounts counts = {.added = 3, .changed = 1, .destroyed = 1, .withheld = 2};
  EXPECT_EQ(ApplyClosing(counts, true, absl::Milliseconds(12'300)),
            "Apply complete: 3 added, 1 changed, 1 destroyed; 0 already so, 0 failed, 0 skipped, "
            "0 blocked, 2 withheld, 0 cancelled, 0 interrupted in 12.3s.\n");
}

TEST(ApplyClosing, SaysFailedAndStopped) {
  EXPECT_THAT(ApplyClosing({.failed = 1}, false, absl::Seconds(1)),
              ::testing::StartsWith("Apply failed: 0 added"));
  EXPECT_THAT(ApplyClosing({.interrupted = 1}, false, absl::Seconds(1)),
              ::testing::StartsWith("Apply stopped: 0 added"));
}

TEST(ApplyClosing, HasALineForHooks) {
  const std::string text =
      ApplyClosing({.hooks_run = 2, .hooks_failed = 1}, false, absl::Seconds(1));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
}

TEST(DryRunClosing, SaysWhatWouldBe) {
  const ApplyCounts counts = {.added = 3, .destroyed = 1, .withheld = 2, .hooks_run = 1};
  EXPECT_EQ(DryRunClosing(counts),
            "Dry run, nothing was changed: 3 would be added, 0 changed, 1 destroyed; 0 already so, "
            "0 failed, 0 skipped, 0 blocked, 2 withheld, 0 cancelled, 0 interrupted.\n"
            "Hooks: 1 would run.\n");
}

TEST(ActionEndLine, NamesStateAndReason) {
  const Action deletion = MakeDelete("r.test/a:1");
  EXPECT_EQ(ActionEndLine(deletion, {.state = ResultState::kOk, .took = absl::Milliseconds(400)}),
            "  - delete r.test/a:1  0.4s");
  EXPECT_THAT(
      ActionEndLine(deletion, {.state = ResultState::kBlocked, .message = "it \x1b[2J moved"}),
      ::testing::HasSubstr("blocked: it \\x1b[2J moved"));
}

TEST(ActionEndLine, KeepsTheLinesOfAMessage) {
  const Action deletion = MakeDelete("r.test/a:1");
  EXPECT_THAT(ActionEndLine(deletion, {.state = ResultState::kFailed,
                                       .message = "x failed:\nSTEP 1\n\x1b[2Jno"}),
              ::testing::EndsWith(": x failed:\n      STEP 1\n      \\x1b[2Jno"));
}

TEST(SummaryTree, StandsInColumns) {
  EXPECT_EQ(SummaryTree("Sync Summary", absl::Seconds(2),
                        {{"Tags examined", "12"}, {"Copied", "3"}, {"Errors", "0"}}),
            "Sync Summary · 2.0s\n"
            "───────────────────────────────────\n"
            "Tags examined 12\n"
            "├─ Copied      3\n"
            "└─ Errors      0\n");
}

}  // namespace
}  // namespace imglife
