#include "engine/apply/scheduler.h"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/engine/plan/plan_maker.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kMirror[] = "r.test/mirrors/alpine:";
constexpr char kBase[] = "r.test/bases/alpine:1";

// Plays a plan: starts all that may start, ends what the test says.
class Play {
 public:
  explicit Play(Plan plan, SchedulerLimits limits = {}, bool withhold = false)
      : plan_(std::move(plan)), scheduler_(plan_, limits, withhold) {}

  // The addresses that start now, in their order.
  std::vector<std::string> StartAll() {
    std::vector<std::string> started;
    while (const auto action = scheduler_.Start()) {
      started.push_back(plan_.actions[*action].Address());
    }
    return started;
  }

  Scheduler::Transfer Ask(const std::string& address) {
    return scheduler_.BeginTransfer(IndexOf(address));
  }
  bool BeginTransfer(const std::string& address) {
    return Ask(address) == Scheduler::Transfer::kBegun;
  }
  void EndTransfer(const std::string& address) { scheduler_.EndTransfer(IndexOf(address)); }
  void Finish(const std::string& address, ResultState state, const std::string& message = "") {
    scheduler_.Finish(IndexOf(address), {.state = state, .message = message});
  }

  std::map<std::string, ResultState> States() const {
    std::map<std::string, ResultState> states;
    for (std::size_t i = 0; i < plan_.actions.size(); ++i) {
      states[plan_.actions[i].Address()] = scheduler_.results()[i].state;
    }
    return states;
  }

  std::string MessageOf(const std::string& address) const {
    for (std::size_t i = 0; i < plan_.actions.size(); ++i) {
      if (plan_.actions[i].Address() == address) return scheduler_.results()[i].message;
    }
    return "";
  }

  Scheduler& scheduler() { return scheduler_; }

 private:
  std::size_t IndexOf(const std::string& address) const {
    const auto at = std::find_if(plan_.actions.begin(), plan_.actions.end(),
                                 [&](const Action& a) { return a.Address() == address; });
    if (at == plan_.actions.end()) throw std::invalid_argument("no action " + address);
    return static_cast<std::size_t>(at - plan_.actions.begin());
  }

  Plan plan_;
  Scheduler scheduler_;
};

const std::string kCopyAddress = std::string("copy ") + kMirror + "3";
const std::string kBuildAddress = std::string("build ") + kBase;
const std::string kDeleteAddress = std::string("delete ") + kMirror + "1";

// A copy, a build that stands on it, and a deletion in the repository of the copy.
Plan Whole() {
  Action build = MakeBuild(kBase, std::string(kMirror) + "3");
  build.needs = {{kCopyAddress, "its base"}};
  return MakePlanOf(
      {MakeCopy(std::string(kMirror) + "3"), build, MakeDelete(std::string(kMirror) + "1")});
}

TEST(Scheduler, StartsWhatNeedsNothingAndThenTheRest) {
  Play play(Whole());
  EXPECT_THAT(play.StartAll(), ElementsAre(kCopyAddress));
  play.Finish(kCopyAddress, ResultState::kOk);
  EXPECT_THAT(play.StartAll(), ElementsAre(kBuildAddress));
  play.Finish(kBuildAddress, ResultState::kOk);
  EXPECT_THAT(play.StartAll(), ElementsAre(kDeleteAddress));
  EXPECT_FALSE(play.scheduler().Done());
  play.Finish(kDeleteAddress, ResultState::kSatisfied);
  EXPECT_TRUE(play.scheduler().Done());
}

TEST(Scheduler, SkipsWhatNeedsAFailedAction) {
  Play play(Whole());
  play.StartAll();
  play.Finish(kCopyAddress, ResultState::kFailed, "no answer");
  EXPECT_TRUE(play.StartAll().empty());
  EXPECT_TRUE(play.scheduler().Done());
  EXPECT_EQ(play.States()[kBuildAddress], ResultState::kSkipped);
  EXPECT_EQ(play.States()[kDeleteAddress], ResultState::kSkipped);
  EXPECT_THAT(play.MessageOf(kBuildAddress), HasSubstr(kCopyAddress));
}

TEST(Scheduler, AnInterruptedActionIsNoSuccess) {
  Play play(Whole());
  play.StartAll();
  play.Finish(kCopyAddress, ResultState::kInterrupted);
  EXPECT_TRUE(play.StartAll().empty());
  EXPECT_NE(play.States()[kDeleteAddress], ResultState::kOk);
}

TEST(Scheduler, WithholdsDeletionsThatNobodyReviewed) {
  Play play(Whole(), {}, /*withhold=*/true);
  EXPECT_EQ(play.States()[kDeleteAddress], ResultState::kWithheld);
  EXPECT_THAT(play.StartAll(), ElementsAre(kCopyAddress));
  play.Finish(kCopyAddress, ResultState::kOk);
  EXPECT_THAT(play.StartAll(), ElementsAre(kBuildAddress));
}

TEST(Scheduler, NeverStartsWhatIsBlocked) {
  Action deletion = MakeDelete("r.test/a:1");
  deletion.blocked = Block{"min_keep", "too few"};
  Play play(MakePlanOf({deletion, MakeCopy("r.test/b:1")}));
  EXPECT_THAT(play.StartAll(), ElementsAre("copy r.test/b:1"));
  EXPECT_EQ(play.States()["delete r.test/a:1"], ResultState::kBlocked);
}

TEST(Scheduler, ABlockedDeletionSaysItsOwnReason) {
  Action archive = MakeCopy("r.test/archive/a:1");
  archive.blocked = Block{"max_deletes", "too many"};
  Action deletion = MakeDelete("r.test/a:1");
  deletion.blocked = Block{"min_keep", "too few"};
  deletion.needs = {{archive.Address(), "archived first"}};
  Play play(MakePlanOf({archive, deletion}));
  EXPECT_EQ(play.MessageOf("delete r.test/a:1"), "too few");
  EXPECT_EQ(play.MessageOf(archive.Address()), "too many");
}

TEST(Scheduler, AFailedDeletionStopsThoseOfItsRepositoryOnly) {
  Play play(MakePlanOf({MakeDelete("r.test/a:1", "d1"), MakeDelete("r.test/a:2", "d2"),
                        MakeDelete("r.test/b:1", "d3")}),
            {.parallelism = 1});
  const std::vector<std::string> first = play.StartAll();
  ASSERT_THAT(first, ElementsAre("delete r.test/a:1"));
  play.Finish(first[0], ResultState::kFailed, "a sibling is gone");
  EXPECT_THAT(play.StartAll(), ElementsAre("delete r.test/b:1"));
  play.Finish("delete r.test/b:1", ResultState::kOk);
  EXPECT_TRUE(play.scheduler().Done());
  EXPECT_NE(play.States()["delete r.test/a:2"], ResultState::kOk);
}

TEST(Scheduler, OneDeletionOfARepositoryRunsAtATime) {
  Play play(MakePlanOf({MakeDelete("r.test/a:1", "d1"), MakeDelete("r.test/a:2", "d2"),
                        MakeDelete("r.test/a:3", "d3"), MakeDelete("r.test/b:1", "d4")}),
            {.parallelism = 8});
  EXPECT_THAT(play.StartAll(), ElementsAre("delete r.test/a:1", "delete r.test/b:1"));
  play.Finish("delete r.test/a:1", ResultState::kOk);
  EXPECT_THAT(play.StartAll(), ElementsAre("delete r.test/a:2"));
  play.Finish("delete r.test/a:2", ResultState::kFailed, "a sibling is gone");
  EXPECT_THAT(play.StartAll(), ::testing::IsEmpty());
  EXPECT_EQ(play.States()["delete r.test/a:3"], ResultState::kSkipped);
}

TEST(Scheduler, NoDeletionFollowsOneOfUnknownOutcome) {
  Play play(MakePlanOf({MakeDelete("r.test/a:1", "d1"), MakeDelete("r.test/a:2", "d2")}));
  ASSERT_THAT(play.StartAll(), ElementsAre("delete r.test/a:1"));
  play.Finish("delete r.test/a:1", ResultState::kInterrupted);
  EXPECT_EQ(play.States()["delete r.test/a:2"], ResultState::kSkipped);
}

TEST(Scheduler, TooManyFailuresAreACancellation) {
  Play play(MakePlanOf({MakeCopy("r.test/a:1"), MakeCopy("r.test/b:1")}), {.max_failures = 1});
  ASSERT_EQ(play.StartAll().size(), 2u);
  EXPECT_FALSE(play.scheduler().Cancelled());
  play.Finish("copy r.test/a:1", ResultState::kFailed);
  EXPECT_TRUE(play.scheduler().Cancelled());
}

TEST(Scheduler, WithheldDeletionsArchiveNothing) {
  Action archive = MakeArchive("r.test/a:1", "r.test/archive/a:1");
  Play play(MakePlanOf({archive, MakeDelete("r.test/a:1")}), {}, /*withhold=*/true);
  EXPECT_THAT(play.StartAll(), ::testing::IsEmpty());
  EXPECT_EQ(play.States()[archive.Address()], ResultState::kWithheld);
  EXPECT_EQ(play.States()["delete r.test/a:1"], ResultState::kWithheld);
  EXPECT_THAT(play.MessageOf("delete r.test/a:1"), HasSubstr("nobody has reviewed"));
}

const std::string kHookAddress = "hook post_sync a";

Plan WithHook() {
  return MakePlanOf({MakeCopy("r.test/a:1"), MakeCopy("r.test/a:2"),
                     MakeHook("post_sync a", {"copy r.test/a:1", "copy r.test/a:2"})});
}

TEST(Scheduler, AHookRunsOverTheTriggersThatSucceeded) {
  for (const bool failure_first : {true, false}) {
    Play play(WithHook());
    ASSERT_EQ(play.StartAll().size(), 2u);
    play.Finish("copy r.test/a:1", failure_first ? ResultState::kFailed : ResultState::kOk);
    EXPECT_THAT(play.StartAll(), ::testing::IsEmpty()) << "before its last trigger ended";
    play.Finish("copy r.test/a:2", failure_first ? ResultState::kOk : ResultState::kFailed);
    EXPECT_THAT(play.StartAll(), ElementsAre(kHookAddress));
  }
}

TEST(Scheduler, AHookWithoutATriggerThatSucceededIsSkipped) {
  Play play(WithHook());
  play.StartAll();
  play.Finish("copy r.test/a:1", ResultState::kFailed);
  play.Finish("copy r.test/a:2", ResultState::kFailed);
  EXPECT_THAT(play.StartAll(), ::testing::IsEmpty());
  EXPECT_TRUE(play.scheduler().Done());
  EXPECT_EQ(play.States()[kHookAddress], ResultState::kSkipped);
  EXPECT_THAT(play.MessageOf(kHookAddress), HasSubstr("copy r.test/a:1"));
}

TEST(Scheduler, AfterTooManyFailuresHooksRunOverWhatWasMade) {
  Plan plan = WithHook();
  plan.actions.push_back(MakeCopy("r.test/b:1"));
  Play play(std::move(plan), {.parallelism = 2, .max_failures = 1});
  ASSERT_THAT(play.StartAll(), ElementsAre("copy r.test/a:1", "copy r.test/a:2"));
  play.Finish("copy r.test/a:1", ResultState::kFailed);
  EXPECT_THAT(play.StartAll(), ::testing::IsEmpty());
  EXPECT_EQ(play.States()["copy r.test/b:1"], ResultState::kCancelled);
  play.Finish("copy r.test/a:2", ResultState::kOk);
  EXPECT_THAT(play.StartAll(), ElementsAre(kHookAddress));
  play.Finish(kHookAddress, ResultState::kOk);
  EXPECT_TRUE(play.scheduler().Done());
}

TEST(Scheduler, ACancelledHookNamesWhatItWasDueFor) {
  for (const bool made_before : {true, false}) {
    Play play(WithHook(), {.parallelism = 2});
    ASSERT_EQ(play.StartAll().size(), 2u);
    play.Finish("copy r.test/a:1", ResultState::kSatisfied);
    if (made_before) play.Finish("copy r.test/a:2", ResultState::kOk);
    play.scheduler().Cancel();
    if (!made_before) play.Finish("copy r.test/a:2", ResultState::kOk);
    EXPECT_THAT(play.StartAll(), ::testing::IsEmpty());
    EXPECT_TRUE(play.scheduler().Done());
    EXPECT_EQ(play.States()[kHookAddress], ResultState::kCancelled);
    EXPECT_THAT(play.MessageOf(kHookAddress), ::testing::EndsWith("yourself for r.test/a:2"));
  }
}

TEST(Scheduler, AHookThatIsDueForNothingIsOnlyCancelled) {
  Play play(WithHook(), {.parallelism = 2});
  ASSERT_EQ(play.StartAll().size(), 2u);
  play.scheduler().Cancel();
  play.Finish("copy r.test/a:1", ResultState::kSatisfied);
  play.Finish("copy r.test/a:2", ResultState::kFailed);
  EXPECT_TRUE(play.scheduler().Done());
  EXPECT_EQ(play.MessageOf(kHookAddress), "never started");
}

const std::string kReportAddress = "commit STATUS.md";

Plan WithReport() {
  return MakePlanOf(
      {MakeCopy("r.test/a:2"), MakeDelete("r.test/b:1"), MakeCommit(Stage::kStatus, "STATUS.md")});
}

TEST(Scheduler, TheReportIsWrittenWhenAllThatItTellsOfIsDone) {
  Play play(WithReport());
  ASSERT_THAT(play.StartAll(), ElementsAre("copy r.test/a:2"));
  play.Finish("copy r.test/a:2", ResultState::kOk);
  ASSERT_THAT(play.StartAll(), ElementsAre("delete r.test/b:1"));
  play.Finish("delete r.test/b:1", ResultState::kSatisfied);
  EXPECT_THAT(play.StartAll(), ElementsAre(kReportAddress));
}

TEST(Scheduler, AReportOfWhatFailedIsNotWritten) {
  Play failed(WithReport());
  failed.StartAll();
  failed.Finish("copy r.test/a:2", ResultState::kFailed, "no answer");
  failed.StartAll();
  failed.Finish("delete r.test/b:1", ResultState::kOk);
  EXPECT_TRUE(failed.scheduler().Done());
  EXPECT_EQ(failed.States()[kReportAddress], ResultState::kSkipped);
  EXPECT_EQ(failed.MessageOf(kReportAddress), "copy r.test/a:2 failed");
}

TEST(Scheduler, AReportIsWrittenThoughDeletionsAreWithheld) {
  Play play(WithReport(), {}, /*withhold=*/true);
  play.StartAll();
  play.Finish("copy r.test/a:2", ResultState::kOk);
  EXPECT_THAT(play.StartAll(), ElementsAre(kReportAddress));
}

TEST(Scheduler, KeepsToItsLimits) {
  std::vector<Action> copies;
  for (int i = 0; i < 10; ++i) copies.push_back(MakeCopy("r.test/a:" + std::to_string(i)));
  EXPECT_EQ(Play(MakePlanOf(copies), {.parallelism = 3}).StartAll().size(), 3u);
  EXPECT_EQ(Play(MakePlanOf(copies), {.copies_per_host_pair = 2}).StartAll().size(), 2u);
}

Plan FourCopies() {
  return MakePlanOf({MakeCopy("r.test/a:1"), MakeCopy("r.test/a:2"), MakeCopy("r.test/a:3"),
                     MakeCopy("r.test/a:4")});
}

TEST(Scheduler, ACopyStartsWhileTheOneBeforeTransfers) {
  Play play(FourCopies(), {.copies_per_host_pair = 1});
  EXPECT_THAT(play.StartAll(), ElementsAre("copy r.test/a:1"));
  EXPECT_TRUE(play.BeginTransfer("copy r.test/a:1"));
  EXPECT_TRUE(play.BeginTransfer("copy r.test/a:1"));
  EXPECT_THAT(play.StartAll(), ElementsAre("copy r.test/a:2"));
  EXPECT_FALSE(play.BeginTransfer("copy r.test/a:2"));
  play.EndTransfer("copy r.test/a:1");
  EXPECT_TRUE(play.BeginTransfer("copy r.test/a:2"));
  play.Finish("copy r.test/a:2", ResultState::kFailed, "no answer");
  EXPECT_THAT(play.StartAll(), ElementsAre("copy r.test/a:3"));
  EXPECT_TRUE(play.BeginTransfer("copy r.test/a:3"));
}

TEST(Scheduler, CopiesThatWaitForTheirTransferKeepNobodyElseWaiting) {
  Play play(MakePlanOf({MakeCopy("r.test/a:1"), MakeCopy("r.test/a:2"), MakeCopy("r.test/a:3"),
                        MakeCommit(Stage::kEol, "a.yaml"), MakeCommit(Stage::kEol, "b.yaml")}),
            {.parallelism = 2, .copies_per_host_pair = 1});
  EXPECT_THAT(play.StartAll(), ElementsAre("copy r.test/a:1", "commit a.yaml"));
  EXPECT_TRUE(play.BeginTransfer("copy r.test/a:1"));
  play.Finish("commit a.yaml", ResultState::kOk);
  EXPECT_THAT(play.StartAll(), ElementsAre("copy r.test/a:2"));
  EXPECT_EQ(play.Ask("copy r.test/a:2"), Scheduler::Transfer::kQueued);
  EXPECT_THAT(play.StartAll(), ElementsAre("commit b.yaml"));
}

TEST(Scheduler, ATransferThatEndsIsHandedOn) {
  Play play(FourCopies(), {.copies_per_host_pair = 1});
  play.StartAll();
  EXPECT_TRUE(play.BeginTransfer("copy r.test/a:1"));
  play.StartAll();
  EXPECT_FALSE(play.BeginTransfer("copy r.test/a:2"));
  play.Finish("copy r.test/a:1", ResultState::kFailed, "no answer");
  EXPECT_THAT(play.StartAll(), ElementsAre("copy r.test/a:3"));
  EXPECT_FALSE(play.BeginTransfer("copy r.test/a:3")) << "another one has waited longer";
  EXPECT_TRUE(play.BeginTransfer("copy r.test/a:2"));
}

TEST(Scheduler, NoTransferBeginsOnceTheRunIsCancelled) {
  Play play(FourCopies(), {.copies_per_host_pair = 1});
  play.StartAll();
  EXPECT_TRUE(play.BeginTransfer("copy r.test/a:1"));
  play.StartAll();
  EXPECT_FALSE(play.BeginTransfer("copy r.test/a:2"));
  play.scheduler().Cancel();
  EXPECT_TRUE(play.BeginTransfer("copy r.test/a:1")) << "it goes on";
  play.EndTransfer("copy r.test/a:1");
  EXPECT_EQ(play.Ask("copy r.test/a:2"), Scheduler::Transfer::kRefused);
  play.Finish("copy r.test/a:1", ResultState::kOk);
  play.Finish("copy r.test/a:2", ResultState::kCancelled);
  EXPECT_TRUE(play.scheduler().Done());
}

TEST(Scheduler, NothingIsDeletedBeforeAllElseIsThere) {
  Play play(MakePlanOf({MakeCopy("r.test/a:1"), MakeDelete("other.test/b:1")}));
  EXPECT_THAT(play.StartAll(), ElementsAre("copy r.test/a:1"));
  play.Finish("copy r.test/a:1", ResultState::kFailed, "no answer");
  EXPECT_THAT(play.StartAll(), ElementsAre("delete other.test/b:1"));
}

TEST(Scheduler, TransfersCountForParallelismUntilTheyHaveEnded) {
  Play play(FourCopies(), {.parallelism = 2});
  EXPECT_EQ(play.StartAll().size(), 2u);
  EXPECT_TRUE(play.BeginTransfer("copy r.test/a:1"));
  EXPECT_EQ(play.StartAll().size(), 0u);
  play.EndTransfer("copy r.test/a:1");
  EXPECT_EQ(play.StartAll().size(), 1u);
  EXPECT_TRUE(play.BeginTransfer("copy r.test/a:2"));
  play.EndTransfer("copy r.test/a:2");
  EXPECT_EQ(play.StartAll().size(), 0u) << "too many have not finished";
  play.Finish("copy r.test/a:1", ResultState::kOk);
  EXPECT_EQ(play.StartAll().size(), 1u);
}

TEST(Scheduler, WithParallelismOneEachWaitsForTheOneBefore) {
  Play play(FourCopies(), {.parallelism = 1});
  EXPECT_EQ(play.StartAll().size(), 1u);
  EXPECT_TRUE(play.BeginTransfer("copy r.test/a:1"));
  play.EndTransfer("copy r.test/a:1");
  EXPECT_EQ(play.StartAll().size(), 0u);
  play.Finish("copy r.test/a:1", ResultState::kOk);
  EXPECT_EQ(play.StartAll().size(), 1u);
}

TEST(Scheduler, StopsAfterTheFailuresThatItMayHave) {
  Play play(MakePlanOf({MakeCopy("r.test/a:1"), MakeCopy("r.test/a:2"), MakeCopy("r.test/a:3")}),
            {.parallelism = 1, .max_failures = 1});
  const auto first = play.StartAll();
  ASSERT_EQ(first.size(), 1u);
  play.Finish(first[0], ResultState::kFailed);
  EXPECT_TRUE(play.StartAll().empty());
  EXPECT_TRUE(play.scheduler().Done());
  EXPECT_EQ(play.States()["copy r.test/a:3"], ResultState::kCancelled);
}

TEST(Scheduler, CancelSettlesAllThatHasNotStarted) {
  Play play(Whole());
  play.StartAll();
  play.scheduler().Cancel();
  EXPECT_FALSE(play.scheduler().Done());
  play.Finish(kCopyAddress, ResultState::kOk);
  EXPECT_TRUE(play.StartAll().empty());
  EXPECT_TRUE(play.scheduler().Done());
  EXPECT_EQ(play.States()[kBuildAddress], ResultState::kCancelled);
}

TEST(Scheduler, EveryRandomPlanEndsWithOneStateEach) {
  for (std::uint32_t seed = 0; seed < 50; ++seed) {
    const Plan plan = RandomPlan(seed, 40);
    Scheduler scheduler(plan, {.parallelism = 4}, seed % 2 == 0);
    std::vector<std::size_t> running;
    std::vector<bool> settled(plan.actions.size());
    while (!scheduler.Done()) {
      while (const auto action = scheduler.Start()) running.push_back(*action);
      for (const std::size_t action : scheduler.TakeSettled()) {
        EXPECT_FALSE(settled[action]);
        settled[action] = true;
      }
      if (scheduler.Done()) break;
      ASSERT_FALSE(running.empty()) << "seed " << seed << " never ends";
      const std::size_t action = running.back();
      running.pop_back();
      scheduler.Finish(
          action, {.state = (action + seed) % 3 == 0 ? ResultState::kFailed : ResultState::kOk});
    }
    for (const std::size_t action : scheduler.TakeSettled()) settled[action] = true;
    EXPECT_THAT(settled, ::testing::Each(true));
  }
}

}  // namespace
}  // namespace imglife
