#include "engine/plan/filter.h"

#include <algorithm>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/plan/graph.h"
#include "tests/engine/plan/plan_maker.h"

namespace imglife {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<std::string> Addresses(const Plan& plan) {
  std::vector<std::string> addresses;
  for (const Action& action : plan.actions) addresses.push_back(action.Address());
  return addresses;
}

// A base is copied, two images are built on it, an old tag beside the base goes.
Plan SmallPlan() {
  const Action base = MakeCopy("r.io/mirror:1");
  Action image = MakeBuild("r.io/app:1", "r.io/mirror:1");
  image.needs = {{"copy r.io/mirror:1", "the base image is copied first"}};
  return MakePlanOf({base, image, MakeCopy("r.io/other:1"), MakeDelete("r.io/mirror:0"),
                     MakeHook("post_sync mirror", {"copy r.io/mirror:1"})});
}

TEST(GlobMatches, KnowsStarsQuestionMarksAndClasses) {
  EXPECT_TRUE(GlobMatches("copy *", "copy r.io/a/b:1"));
  EXPECT_TRUE(GlobMatches("*a/b*", "copy r.io/a/b:1"));
  EXPECT_TRUE(GlobMatches("**", ""));
  EXPECT_TRUE(GlobMatches("a?c", "abc"));
  EXPECT_FALSE(GlobMatches("a?c", "ac"));
  EXPECT_TRUE(GlobMatches("3.[0-9]", "3.7"));
  EXPECT_FALSE(GlobMatches("3.[0-9]", "3.x"));
  EXPECT_TRUE(GlobMatches("3.[!0-9]", "3.x"));
  EXPECT_FALSE(GlobMatches("3.[^0-9]", "3.7"));
  EXPECT_TRUE(GlobMatches("[]a]", "]"));
  EXPECT_TRUE(GlobMatches("[a-]", "-"));
  EXPECT_TRUE(GlobMatches("x[", "x["));
  EXPECT_TRUE(GlobMatches("x[]", "x[]"));
  EXPECT_TRUE(GlobMatches("a*b*c", "aXbXbYc"));
  EXPECT_FALSE(GlobMatches("a*b*c", "aXbXbY"));
  EXPECT_FALSE(GlobMatches("copy", "copy r.io/a:1"));
  EXPECT_FALSE(GlobMatches("", "x"));
  EXPECT_TRUE(GlobMatches("a.c", "a.c"));
  EXPECT_FALSE(GlobMatches("a.c", "abc"));
}

TEST(GlobMatches, ManyStarsTakeNoTime) {
  std::string pattern;
  for (int i = 0; i < 1000; ++i) pattern += "*a";
  EXPECT_FALSE(GlobMatches(pattern + "b", std::string(5000, 'a')));
}

TEST(PatternMatches, KindStageAddressAndGlob) {
  const Action archive = MakeArchive("r.io/a:1", "x.io/a:1");
  EXPECT_TRUE(PatternMatches("archive", archive));
  EXPECT_TRUE(PatternMatches("cleanup", archive));
  EXPECT_TRUE(PatternMatches("archive x.io/a:1", archive));
  EXPECT_TRUE(PatternMatches("*x.io/*", archive));
  EXPECT_FALSE(PatternMatches("delete", archive));
  EXPECT_FALSE(PatternMatches("x.io/a:1", archive));
  EXPECT_TRUE(PatternMatches("hook post_sync r.io/a (sync.entries[0])",
                             MakeHook("post_sync r.io/a (sync.entries[0])", {})));
}

TEST(ApplyFilter, NoPatternsLeaveThePlanAlone) {
  Plan plan = SmallPlan();
  ASSERT_TRUE(ApplyFilter({}, plan).ok());
  EXPECT_EQ(plan.actions.size(), 5u);
  EXPECT_FALSE(plan.partial);
}

TEST(ApplyFilter, OnlyTakesAlongWhatIsNeededAndSaysSo) {
  Plan plan = SmallPlan();
  ASSERT_TRUE(ApplyFilter({{"build"}, {}}, plan).ok());
  EXPECT_THAT(Addresses(plan),
              ElementsAre("copy r.io/mirror:1", "build r.io/app:1", "hook post_sync mirror"));
  EXPECT_TRUE(plan.partial);
  EXPECT_TRUE(plan.narrowed);
  EXPECT_THAT(plan.filters, ElementsAre("--only build"));
  EXPECT_THAT(plan.filter_notes,
              ElementsAre("--only takes along what the chosen actions need: 1 action (copy "
                          "r.io/mirror:1)",
                          "--only takes along the hooks of what it keeps: 1 action (hook post_sync "
                          "mirror)"));
}

TEST(ApplyFilter, ExcludeDropsWhatDependsOnItAndSaysSo) {
  Plan plan = SmallPlan();
  ASSERT_TRUE(ApplyFilter({{}, {"copy r.io/mirror:*"}}, plan).ok());
  EXPECT_THAT(Addresses(plan), ElementsAre("copy r.io/other:1"));
  EXPECT_TRUE(plan.partial);
  EXPECT_FALSE(plan.narrowed) << "what is left has all that it needs";
  EXPECT_THAT(plan.filters, ElementsAre("--exclude copy r.io/mirror:*"));
  EXPECT_THAT(plan.filter_notes,
              ElementsAre("--exclude drops what depends on the excluded actions: 3 actions (build "
                          "r.io/app:1, delete r.io/mirror:0, hook post_sync mirror)"));
}

TEST(ApplyFilter, BothTogether) {
  Plan plan = SmallPlan();
  ASSERT_TRUE(ApplyFilter({{"sync", "build"}, {"hook"}}, plan).ok());
  EXPECT_THAT(Addresses(plan),
              ElementsAre("copy r.io/mirror:1", "build r.io/app:1", "copy r.io/other:1"));
}

TEST(ApplyFilter, WhatLeavesNothingOutIsNotPartial) {
  Plan plan = SmallPlan();
  ASSERT_TRUE(ApplyFilter({{"*"}, {}}, plan).ok());
  EXPECT_FALSE(plan.partial);
  EXPECT_FALSE(plan.narrowed);
  EXPECT_THAT(plan.filters, ElementsAre("--only *"));
}

TEST(ApplyFilter, PatternThatMatchesNothingIsNamedWithWhatThereIs) {
  for (const PlanFilter& filter :
       {PlanFilter{{"copy nowhere"}, {}}, PlanFilter{{}, {"copy nowhere"}}}) {
    Plan plan = SmallPlan();
    const absl::Status status = ApplyFilter(filter, plan);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()),
                HasSubstr("copy nowhere: matches no action; the plan has build r.io/app:1, copy "
                          "r.io/mirror:1"));
    EXPECT_EQ(plan.actions.size(), 5u);
  }
}

TEST(ApplyFilter, ExcludedIsFoundEvenWhereOnlyAlreadyLeftItOut) {
  Plan plan = SmallPlan();
  EXPECT_TRUE(ApplyFilter({{"copy r.io/other:1"}, {"delete r.io/mirror:0"}}, plan).ok());
  EXPECT_THAT(Addresses(plan), ElementsAre("copy r.io/other:1"));
}

TEST(ApplyFilter, KindsAndStagesMayHaveNothingToDo) {
  Plan plan = SmallPlan();
  ASSERT_TRUE(ApplyFilter({{"publish"}, {}}, plan).ok());
  EXPECT_THAT(plan.actions, IsEmpty());
  Plan empty = MakePlanOf({});
  EXPECT_TRUE(ApplyFilter({{"cleanup"}, {}}, empty).ok());
  EXPECT_FALSE(ApplyFilter({{"cleanu"}, {}}, empty).ok());
  EXPECT_FALSE(ApplyFilter({{""}, {}}, empty).ok());
}

Plan TwoTriggers() {
  return MakePlanOf({MakeCopy("r.io/a:1"), MakeCopy("r.io/a:2"),
                     MakeHook("post_sync a", {"copy r.io/a:1", "copy r.io/a:2"})});
}

TEST(ApplyFilter, AHookStaysWithTheTriggersThatStay) {
  for (const PlanFilter& filter :
       {PlanFilter{{"copy r.io/a:2"}, {}}, PlanFilter{{}, {"copy r.io/a:1"}}}) {
    Plan plan = TwoTriggers();
    ASSERT_TRUE(ApplyFilter(filter, plan).ok());
    EXPECT_THAT(Addresses(plan), ElementsAre("copy r.io/a:2", "hook post_sync a"));
    const Action& hook = plan.actions.back();
    EXPECT_THAT(hook.hook.triggers, ElementsAre("copy r.io/a:2"));
    EXPECT_EQ(hook.needs.size(), 1u);
    EXPECT_EQ(hook.reason, "runs after 1 action");
  }
}

TEST(ApplyFilter, AHookThatIsExcludedItselfGoesAlone) {
  Plan plan = TwoTriggers();
  ASSERT_TRUE(ApplyFilter({{}, {"hook"}}, plan).ok());
  EXPECT_THAT(Addresses(plan), ElementsAre("copy r.io/a:1", "copy r.io/a:2"));
}

TEST(ApplyFilter, WhatABlockedDeletionWouldNeedIsNotTakenAlong) {
  Action deletion = MakeDelete("r.io/a:1");
  deletion.blocked = Block{"min_keep", "too few"};
  Plan plan = MakePlanOf({MakeCopy("r.io/a:2"), deletion});
  ASSERT_TRUE(ApplyFilter({{"delete"}, {}}, plan).ok());
  EXPECT_THAT(Addresses(plan), ElementsAre("delete r.io/a:1"));
  EXPECT_THAT(plan.actions[0].needs, IsEmpty());
}

TEST(ApplyFilter, ABaseThatStaysIsShownWithoutWhatWasBuiltOnIt) {
  Action built = MakeDelete("r.io/app:1");
  built.blocked = Block{"max_delete_percent", "too many"};
  Action base = MakeDelete("r.io/m:1", "de");
  base.blocked = Block{"base_in_use", "r.io/app:1, which stays, was built on it"};
  base.removal.built_on_it = {"r.io/app:1"};
  Plan plan = MakePlanOf({built, base});
  const absl::Status filtered = ApplyFilter({{"delete r.io/m:*"}, {}}, plan);
  ASSERT_TRUE(filtered.ok()) << filtered;
  EXPECT_THAT(Addresses(plan), ElementsAre("delete r.io/m:1"));
  EXPECT_TRUE(plan.actions[0].blocked);
}

// So many that deletions wait for the first one of them.
Plan GatedPlan() {
  std::vector<Action> actions;
  for (int i = 0; i < 150; ++i) {
    actions.push_back(MakeCopy(fmt::format("r.io/a:new-{:03}", i)));
    actions.push_back(MakeDelete(fmt::format("r.io/a:old-{:03}", i), fmt::format("{:04x}", i)));
  }
  return MakePlanOf(std::move(actions));
}

TEST(ApplyFilter, GateOfOtherDeletionsIsNotTakenAlong) {
  Plan plan = GatedPlan();
  ASSERT_TRUE(ApplyFilter({{"delete r.io/a:old-077"}, {}}, plan).ok());
  EXPECT_EQ(plan.actions.size(), 151u);
  const Action* deletion = FindAction(plan, "delete r.io/a:old-077");
  ASSERT_NE(deletion, nullptr);
  EXPECT_EQ(deletion->needs.size(), 150u);
  EXPECT_THAT(Addresses(plan), Not(Contains("delete r.io/a:old-000")));
}

TEST(ApplyFilter, ExcludedGateTakesNoOtherDeletionWithIt) {
  Plan plan = GatedPlan();
  ASSERT_TRUE(ApplyFilter({{}, {"delete r.io/a:old-000"}}, plan).ok());
  EXPECT_EQ(plan.actions.size(), 299u);
  const Action* deletion = FindAction(plan, "delete r.io/a:old-149");
  ASSERT_NE(deletion, nullptr);
  ASSERT_EQ(deletion->needs.size(), 1u);
  EXPECT_EQ(deletion->needs[0].address, "delete r.io/a:old-001");
}

TEST(ApplyFilter, ExcludedCopyDropsDeletionsBehindTheGateToo) {
  Plan plan = GatedPlan();
  ASSERT_TRUE(ApplyFilter({{}, {"copy r.io/a:new-010"}}, plan).ok());
  EXPECT_EQ(plan.actions.size(), 149u);
  EXPECT_THAT(Addresses(plan), Each(HasSubstr("copy ")));
}

TEST(KeepStage, KeepsWhatItsCommandDoes) {
  Plan plan = SmallPlan();
  ASSERT_TRUE(KeepStage(Stage::kCleanup, plan).ok());
  EXPECT_THAT(Addresses(plan),
              ElementsAre("copy r.io/mirror:1", "delete r.io/mirror:0", "hook post_sync mirror"));
  EXPECT_TRUE(plan.narrowed);
  EXPECT_FALSE(plan.partial);
  EXPECT_THAT(plan.filters, IsEmpty());
  EXPECT_THAT(plan.filter_notes, IsEmpty());
}

TEST(KeepStage, CleanupMendsWhatAKilledDeletionLeft) {
  Action over = MakeCopy("r.io/mirror:2");
  over.before = DigestText("dead");
  Action moved = MakeCopy("r.io/mirror:3");
  moved.operation = Operation::kUpdate;
  moved.before = DigestText("a1");
  const Plan whole = MakePlanOf({MakeCopy("r.io/mirror:1"), over, moved});
  Plan plan = whole;
  ASSERT_TRUE(KeepStage(Stage::kCleanup, plan).ok());
  EXPECT_THAT(Addresses(plan), ElementsAre("copy r.io/mirror:2"));
  plan = whole;
  ASSERT_TRUE(KeepStage(Stage::kBuild, plan).ok());
  EXPECT_THAT(Addresses(plan), IsEmpty());
}

}  // namespace
}  // namespace imglife
