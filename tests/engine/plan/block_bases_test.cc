#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/plan/graph.h"
#include "engine/plan/guards.h"
#include "tests/engine/plan/plan_maker.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const char* const kMirrorTag = "r.io/mirror:1";
const char* const kBase = "r.io/base:1";
const char* const kApp = "r.io/app:1";

Action MakeDeleteOfBase(const std::string& target, std::vector<std::string> built_on_it) {
  Action action = MakeDelete(target);
  action.removal.built_on_it = std::move(built_on_it);
  return action;
}

// r.io/app:1 was built on r.io/base:1, and that on r.io/mirror:1.
std::vector<Action> Chain() {
  return {MakeDelete(kApp), MakeDeleteOfBase(kBase, {kApp}), MakeDeleteOfBase(kMirrorTag, {kBase})};
}

TEST(BlockBases, LetsGoWhatNothingStandsOn) {
  std::vector<Action> actions = Chain();
  BlockBases(actions);
  EXPECT_THAT(GuardsOf(actions), ElementsAre("", "", ""));
}

TEST(BlockBases, KeepsAllThatAnImageThatStaysStandsOn) {
  std::vector<Action> actions = Chain();
  actions[0].blocked = Block{"build_records", "not known"};
  BlockBases(actions);
  EXPECT_THAT(GuardsOf(actions), ElementsAre("build_records", "base_in_use", "base_in_use"));
  EXPECT_EQ(actions[2].blocked->reason, "r.io/base:1, which stays, was built on it");
}

TEST(BlockBases, KeepsTheBaseOfAnImageThatThePlanDoesNotDelete) {
  std::vector<Action> actions = Chain();
  actions.erase(actions.begin());
  BlockBases(actions);
  EXPECT_THAT(GuardsOf(actions), ElementsAre("base_in_use", "base_in_use"));
}

TEST(BlockBases, LeavesOtherBlocksAsTheyAre) {
  std::vector<Action> actions = Chain();
  actions[0].blocked = Block{"build_records", "not known"};
  actions[1].blocked = Block{"max_deletes", "too many"};
  BlockBases(actions);
  EXPECT_THAT(GuardsOf(actions), ElementsAre("build_records", "max_deletes", "base_in_use"));
}

TEST(BlockBases, ForceLetsTheBasesGoWithTheirImages) {
  std::vector<Action> actions = Chain();
  actions[0].blocked = Block{"build_records", "not known"};
  BlockBases(actions);
  Plan plan = MakePlanOf(std::move(actions));
  ASSERT_TRUE(LiftGuards({.force = true, .allow_deletes = {}}, plan).ok());
  EXPECT_THAT(GuardsOf(plan.actions), ElementsAre("", "", ""));
}

TEST(BlockBases, AnAllowanceCountsTheBasesThatWaitForIt) {
  std::vector<Action> actions = {MakeDelete("r.io/mirror:0"),
                                 MakeDeleteOfBase(kMirrorTag, {"r.io/mirror:0"})};
  actions[0].blocked = Block{"max_deletes", "too many"};
  BlockBases(actions);
  Plan plan = MakePlanOf(std::move(actions));
  ASSERT_TRUE(LiftGuards({.force = false, .allow_deletes = {{"r.io/mirror", 1}}}, plan).ok());
  EXPECT_THAT(GuardsOf(plan.actions), ElementsAre("max_deletes", "base_in_use"));
  EXPECT_THAT(plan.actions[0].blocked->reason, HasSubstr("allows less than the 2 planned"));
}

TEST(ConnectActions, BasesGoAfterWhatWasBuiltOnThem) {
  std::vector<Action> actions = Chain();
  ConnectActions(actions);
  ASSERT_TRUE(SortActions(actions).ok());
  ASSERT_EQ(actions.size(), 3u);
  EXPECT_EQ(actions[0].target, kApp);
  EXPECT_EQ(actions[1].target, kBase);
  EXPECT_EQ(actions[2].target, kMirrorTag);
  EXPECT_THAT(actions[2].needs, ElementsAre(Need{"delete r.io/base:1", "it was built on the tag"}));
}

// Two repositories whose images stand on each other's, each with more deletions and copies than
// get an edge for each pair.
TEST(ConnectActions, BasesAndGatesMakeNoCycle) {
  std::vector<Action> actions;
  for (const std::string repository : {"r.io/a", "r.io/b"}) {
    for (int i = 100; i < 300; ++i) {
      actions.push_back(MakeCopy(repository + ":new-" + std::to_string(i)));
      actions.push_back(MakeDelete(repository + ":old-" + std::to_string(i)));
    }
  }
  actions.push_back(MakeDeleteOfBase("r.io/a:0", {"r.io/b:old-299"}));
  actions.push_back(MakeDeleteOfBase("r.io/b:0", {"r.io/a:old-299"}));
  ConnectActions(actions);
  EXPECT_TRUE(SortActions(actions).ok());
}

}  // namespace
}  // namespace imglife
