// Hooks run over everything that a run made, and only their own failures count as such.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/plan/plan_file.h"
#include "tests/end_to_end/registries_fixture.h"

namespace imglife {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class HooksTest : public RegistriesTest {
 protected:
  void SetUp() override { Push(upstream_, "library/alpine", "3.24.0"); }

  void ConfigureHook(const std::string& hook, const std::string& more = "") {
    Configure(
        "sync:\n  entries:\n    - source: $UPSTREAM/library/alpine\n      tag: 3.24.0\n"
        "      target: $PRIVATE/mirrors/alpine\n      hooks:\n        post_sync:\n          - " +
        hook + "\n" + more);
  }

  std::string Ran() const { return ReadFile(Path("ran")).value_or("not at all"); }
};

TEST_F(HooksTest, OneThatMayFailFailsNothing) {
  ConfigureHook("{cmd: 'exit 7', continue_on_error: true}");
  const ImglifeRun run = Run({"apply"});
  EXPECT_THAT(run, ExitsWith(0));
  EXPECT_THAT(run.out, HasSubstr("\nApply complete: 1 added"));
  EXPECT_THAT(run.out, HasSubstr("Hooks: 0 ran, 1 failed, 0 skipped."));
}

TEST_F(HooksTest, OneThatMayNotFailFailsTheRun) {
  ConfigureHook("{cmd: 'exit 7'}");
  const ImglifeRun run = Run({"apply"});
  EXPECT_THAT(run, ExitsWith(1));
  EXPECT_THAT(run.out, HasSubstr("\nApply failed: 1 added"));
}

// A deletion takes the pending copy of its repository along, which then is never pending again.
TEST_F(HooksTest, ACopyThatAnotherStageTakesAlongHasItsHookRun) {
  Push(private_, "mirrors/alpine", "3.1", Image("old", "2024-01-01"));
  ConfigureHook("{cmd: 'echo {tag} >> ran'}", "retention: {keep_last: 0, guard: {min_keep: 0}}\n");
  EXPECT_THAT(Run({"cleanup"}), ExitsWith(0));
  EXPECT_EQ(Ran(), "3.24.0\n");
}

TEST_F(HooksTest, ABlockedDeletionTakesNothingAlong) {
  Push(private_, "mirrors/alpine", "3.1", Image("old", "2024-01-01"));
  ConfigureHook("{cmd: 'echo {tag} >> ran'}", "retention: {keep_last: 0, guard: {min_keep: 2}}\n");
  NewRequests(private_);
  EXPECT_THAT(Run({"cleanup"}), ExitsWith(3));
  EXPECT_THAT(NewWrites(private_), IsEmpty());
  EXPECT_EQ(Ran(), "not at all");
}

TEST_F(HooksTest, APlanWithAHookThatTheConfigurationLacksIsRefusedBeforeAnythingRuns) {
  ConfigureHook("{cmd: 'echo {tag} >> ran'}");
  ASSERT_THAT(Run({"plan", "--out", "plan.json"}), ExitsWith(0));
  auto plan = ReadPlan(ReadFile(Path("plan.json")).value());
  ASSERT_TRUE(plan.ok()) << plan.status();
  for (Action& action : plan->actions) {
    if (action.kind == ActionKind::kHook) action.hook.index = 999'999;
  }
  Write("plan.json", WritePlan(*plan));
  NewRequests(private_);
  const ImglifeRun run = Run({"apply", "plan.json"});
  EXPECT_THAT(run, ExitsWith(4));
  EXPECT_THAT(run.err, HasSubstr("sync.entries[999999], which the configuration doesn't have"));
  EXPECT_THAT(NewWrites(private_), IsEmpty());
}

}  // namespace
}  // namespace imglife
