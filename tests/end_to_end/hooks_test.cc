// Hooks run over everything that a run made, and only their own failures count as such.
#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "engine/plan/plan_file.h"
#include "tests/end_to_end/breaking_proxy.h"
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

// Two entries, one copied after the other, each with a hook; `at_upload` is what happens with the
// first upload of the second one.
class StoppedHooksTest : public HooksTest {
 protected:
  ImglifeRun Apply(const std::vector<std::string>& options, std::function<Fault()> at_upload) {
    std::string entries;
    for (const char* name : {"a", "b"}) {
      Push(upstream_, std::string("library/") + name, "1");
      entries += fmt::format(
          "    - {{source: $UPSTREAM/library/{0}, tag: '1', target: $PRIVATE/mirrors/{0}, "
          "hooks: {{post_sync: [{{cmd: 'echo {{image}} >> ran'}}]}}}}\n",
          name);
    }
    const BreakingProxy proxy(private_.host(), [&](int, const std::string& line) {
      return line.rfind("POST /v2/mirrors/b/", 0) == 0 ? at_upload() : Fault::kNone;
    });
    environment_["PRIVATE"] = proxy.host();
    Configure("sync:\n  entries:\n" + entries);
    std::vector<std::string> arguments = {"apply", "--parallelism", "1"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return RunImglife(directory_.path(), arguments, environment_, Path("imglife.pid"));
  }

  // The one that was made.
  std::string First() const { return environment_.at("PRIVATE") + "/mirrors/a:1"; }
};

TEST_F(StoppedHooksTest, AfterTooManyFailuresTheyRunOverWhatWasMade) {
  const ImglifeRun run = Apply({"--fail-fast"}, [] { return Fault::kRefused; });
  EXPECT_THAT(run, ExitsWith(1));
  EXPECT_THAT(run.out, HasSubstr("1 added, 0 changed, 0 destroyed; 0 already so, 1 failed"));
  EXPECT_THAT(run.out, HasSubstr("Hooks: 1 ran, 0 failed, 1 skipped."));
  EXPECT_EQ(Ran(), First() + "\n");
}

TEST_F(StoppedHooksTest, ARunThatIsToldToStopSaysForWhatTheyWereDue) {
  std::atomic<bool> told{false};
  const ImglifeRun run = Apply({}, [&] {
    if (!told.exchange(true)) SignalImglife(Path("imglife.pid"), SIGINT);
    return Fault::kNone;
  });
  EXPECT_THAT(run, ExitsWith(130));
  EXPECT_THAT(run.err, HasSubstr("cancelled: not run, and the next run won't make up for it: run "
                                 "it yourself for " +
                                 First() + "\n"));
  EXPECT_EQ(Ran(), "not at all");
}

TEST_F(HooksTest, OneThatFailsForAnImageIsRunForTheOthers) {
  Push(upstream_, "library/alpine", "3.23.0");
  Configure(R"(sync:
  entries:
    - source: $UPSTREAM/library/alpine
      tag_regex: '^3'
      target: $PRIVATE/mirrors/alpine
      hooks: {post_sync: [{cmd: 'echo {tag} >> ran; exit 7'}, {cmd: 'echo never >> ran'}]}
)");
  const ImglifeRun run = Run({"apply"});
  EXPECT_THAT(run, ExitsWith(1));
  EXPECT_EQ(Ran(), "3.23.0\n3.24.0\n");
  EXPECT_THAT(run.err, HasSubstr("/mirrors/alpine:3.23.0: exit code 7"));
  EXPECT_THAT(run.err, HasSubstr("/mirrors/alpine:3.24.0: exit code 7"));
}

}  // namespace
}  // namespace imglife
