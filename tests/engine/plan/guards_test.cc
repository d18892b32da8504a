#include "engine/plan/guards.h"

#include <limits>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/engine/plan/plan_maker.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const char* const kMirror = "r.io/mirror";
const char* const kOther = "r.io/other";

std::vector<Action> Deletions(const std::string& repository, int count) {
  std::vector<Action> actions;
  for (int i = 0; i < count; ++i) {
    actions.push_back(MakeDelete(fmt::format("{}:{}", repository, i), fmt::format("{:02x}", i)));
  }
  return actions;
}

RetentionGuard Loose() {
  RetentionGuard guard;
  guard.min_keep = 0;
  return guard;
}

struct Case {
  const char* name;
  RetentionGuard guard;
  RepositoryCount count;
  int deletions;
  const char* trips;
};

class GuardCases : public ::testing::TestWithParam<Case> {};

TEST_P(GuardCases, BlocksAllOrNothing) {
  const Case& c = GetParam();
  std::vector<Action> actions = Deletions(kMirror, c.deletions);
  ApplyGuards(c.guard, {}, {{kMirror, c.count}}, actions);
  EXPECT_THAT(GuardsOf(actions), ::testing::Each(std::string(c.trips)));
}

INSTANTIATE_TEST_SUITE_P(
    Boundaries, GuardCases,
    ::testing::Values(
        Case{"keeps_exactly_min_keep", {100, {}, 2}, {5, 1}, 3, ""},
        Case{"keeps_one_too_few", {100, {}, 3}, {5, 1}, 3, "min_keep"},
        Case{"nothing_left", {100, {}, 1}, {3, 1}, 3, "min_keep"},
        Case{"exactly_the_percentage", {50, {}, 0}, {6, 1}, 3, ""},
        Case{"above_the_percentage", {49, {}, 0}, {6, 1}, 3, "max_delete_percent"},
        Case{"no_percent_at_all", {0, {}, 0}, {1000, 1}, 1, "max_delete_percent"},
        Case{"one_third_is_above_33", {33, {}, 0}, {3, 1}, 1, "max_delete_percent"},
        Case{"all_of_them", {100, {}, 0}, {3, 1}, 3, ""},
        Case{"exactly_max_deletes", {100, 3, 0}, {9, 1}, 3, ""},
        Case{"above_max_deletes", {100, 2, 0}, {9, 1}, 3, "max_deletes"},
        Case{"max_deletes_of_zero", {100, 0, 0}, {9, 1}, 1, "max_deletes"},
        Case{"nothing_desired", {100, {}, 0}, {9, 0}, 1, "empty_desired"},
        Case{"nothing_upstream", {100, {}, 0}, {9, 1, "docker.io/a"}, 1, "empty_desired"},
        Case{"many_desired_do_not_dilute", {10, {}, 0}, {9, 1'000'000}, 3, "max_delete_percent"},
        Case{"numbers_beyond_64_bits",
             {std::numeric_limits<std::int64_t>::max(), {}, 0},
             {std::numeric_limits<std::int64_t>::max(), 1},
             3,
             ""}),
    [](const ::testing::TestParamInfo<Case>& tested) { return tested.param.name; });

TEST(ApplyGuards, SaysTheNumbers) {
  std::vector<Action> actions = Deletions(kMirror, 3);
  ApplyGuards({50, {}, 0}, {}, {{kMirror, {4, 1}}}, actions);
  EXPECT_EQ(actions[0].blocked->reason,
            "3 deletions of 4 tags; max_delete_percent is 50; if that is "
            "meant, --allow-deletes r.io/mirror=3 allows it");
  actions = Deletions(kMirror, 3);
  ApplyGuards({100, {}, 2}, {}, {{kMirror, {4, 1}}}, actions);
  EXPECT_EQ(actions[0].blocked->reason,
            "3 deletions of 4 tags would leave 1; min_keep is 2; if that is "
            "meant, --allow-deletes r.io/mirror=3 allows it");
  actions = Deletions(kMirror, 3);
  ApplyGuards({100, 1, 0}, {}, {{kMirror, {4, 1}}}, actions);
  EXPECT_EQ(actions[0].blocked->reason,
            "3 deletions; max_deletes is 1; if that is meant, --allow-deletes "
            "r.io/mirror=3 allows it");
}

TEST(ApplyGuards, NamesAllThatTrip) {
  std::vector<Action> actions = Deletions(kMirror, 3);
  ApplyGuards({50, 2, 2}, {}, {{kMirror, {4, 1}}}, actions);
  EXPECT_EQ(actions[0].blocked->guard, "min_keep");
  EXPECT_EQ(actions[0].blocked->reason,
            "3 deletions of 4 tags would leave 1; min_keep is 2; also max_delete_percent: 3 "
            "deletions of 4 tags; max_delete_percent is 50; also max_deletes: 3 deletions; "
            "max_deletes is 2; if that is meant, --allow-deletes r.io/mirror=3 allows it");
}

TEST(ApplyGuards, LeavesOtherRepositoriesAndOtherActionsAlone) {
  std::vector<Action> actions = Deletions(kMirror, 2);
  actions.push_back(MakeDelete(std::string(kOther) + ":1"));
  actions.push_back(MakeCopy(std::string(kMirror) + ":new"));
  ApplyGuards({100, 1, 0}, {}, {{kMirror, {9, 1}}, {kOther, {9, 1}}}, actions);
  EXPECT_THAT(GuardsOf(actions), ElementsAre("max_deletes", "max_deletes", "", ""));
}

TEST(ApplyGuards, DeletionsThatAreBlockedAnywayDoNotCount) {
  std::vector<Action> actions = Deletions(kMirror, 3);
  actions[0].blocked = Block{"in_use", "an index has it"};
  ApplyGuards({100, 2, 0}, {}, {{kMirror, {9, 1}}}, actions);
  EXPECT_THAT(GuardsOf(actions), ElementsAre("in_use", "", ""));
}

TEST(ApplyGuards, RepositoriesWithoutCountsAreHeldToMaxDeletesOnly) {
  std::vector<Action> actions = Deletions("archive.io/a", 3);
  ApplyGuards({10, {}, 5}, {}, {}, actions);
  EXPECT_THAT(GuardsOf(actions), ElementsAre("", "", ""));
  ApplyGuards({10, 2, 5}, {}, {}, actions);
  EXPECT_THAT(GuardsOf(actions), ElementsAre("max_deletes", "max_deletes", "max_deletes"));
}

TEST(ApplyGuards, AllowDeletesLiftsTwoAndThreeUpToItsNumber) {
  for (const RetentionGuard& guard :
       {RetentionGuard{100, 1, 0}, RetentionGuard{10, {}, 0}, RetentionGuard{100, {}, 9}}) {
    GuardOverrides enough;
    enough.allow_deletes = {{kMirror, 3}};
    std::vector<Action> actions = Deletions(kMirror, 3);
    ApplyGuards(guard, enough, {{kMirror, {9, 1}}}, actions);
    EXPECT_THAT(GuardsOf(actions), ElementsAre("", "", ""));

    GuardOverrides too_few;
    too_few.allow_deletes = {{kMirror, 2}, {kOther, 100}};
    actions = Deletions(kMirror, 3);
    ApplyGuards(guard, too_few, {{kMirror, {9, 1}}}, actions);
    EXPECT_TRUE(actions[0].blocked && actions[1].blocked && actions[2].blocked);
    EXPECT_THAT(actions[0].blocked->reason,
                HasSubstr("--allow-deletes r.io/mirror=2 allows less than the 3 planned"));
  }
}

// What the reason tells people to write.
TEST(ApplyGuards, WhatTheReasonSaysLiftsIt) {
  std::vector<Action> actions = Deletions("ocidir://mirrors/m", 4);
  actions.back().blocked = Block{"in_use", "an index has it"};
  const RetentionGuard guard{10, {}, 0};
  ApplyGuards(guard, {}, {{"ocidir://mirrors/m", {9, 1}}}, actions);
  const std::string& reason = actions[0].blocked->reason;
  const std::string option = "--allow-deletes ";
  const std::size_t start = reason.find(option) + option.size();
  const auto allowed = ParseAllowDeletes(reason.substr(start, reason.find(' ', start) - start));
  ASSERT_TRUE(allowed.ok()) << allowed.status();
  EXPECT_EQ(allowed->second, 3);
  Plan plan = MakePlanOf(actions);
  ASSERT_TRUE(LiftGuards({.force = false, .allow_deletes = {*allowed}}, plan).ok());
  EXPECT_THAT(GuardsOf(plan.actions), ::testing::UnorderedElementsAre("", "", "", "in_use"));
}

TEST(ApplyGuards, NobodyIsToldToLiftWhatNothingLifts) {
  std::vector<Action> actions = Deletions(kMirror, 3);
  ApplyGuards({10, {}, 0}, {}, {{kMirror, {9, 0}}}, actions);
  EXPECT_THAT(actions[0].blocked->reason, ::testing::Not(HasSubstr("--allow-deletes")));
}

TEST(ApplyGuards, ForceLiftsTwoThreeAndFiveAndNeverTheOthers) {
  GuardOverrides force;
  force.force = true;
  std::vector<Action> actions = Deletions(kMirror, 3);
  actions[0].blocked = Block{"build_records", "the records can't be read"};
  actions[1].blocked = Block{"in_use", "an index has it"};
  ApplyGuards({1, 0, 50}, force, {{kMirror, {9, 1}}}, actions);
  EXPECT_THAT(GuardsOf(actions), ElementsAre("", "in_use", ""));

  actions = Deletions(kMirror, 2);
  actions[0].blocked = Block{"build_records", "the records can't be read"};
  force.allow_deletes = {{kMirror, 100}};
  ApplyGuards(Loose(), force, {{kMirror, {9, 0}}}, actions);
  EXPECT_THAT(GuardsOf(actions), ElementsAre("empty_desired", "empty_desired"));
}

TEST(ApplyGuards, AllowDeletesDoesNotLiftFive) {
  GuardOverrides allow;
  allow.allow_deletes = {{kMirror, 100}};
  std::vector<Action> actions = Deletions(kMirror, 2);
  actions[0].blocked = Block{"build_records", "the records can't be read"};
  ApplyGuards({100, 0, 0}, allow, {{kMirror, {9, 1}}}, actions);
  EXPECT_THAT(GuardsOf(actions), ElementsAre("build_records", ""));
}

TEST(ApplyGuards, ArchiveCopiesFollowTheDeletionThatTheyServe) {
  std::vector<Action> actions = Deletions(kMirror, 2);
  actions.push_back(MakeArchive("r.io/mirror:0", "archive.io/mirror:0"));
  actions.push_back(MakeArchive("r.io/other:0", "archive.io/other:0"));
  ApplyGuards({100, 1, 0}, {}, {{kMirror, {9, 1}}}, actions);
  EXPECT_THAT(GuardsOf(actions), ElementsAre("max_deletes", "max_deletes", "max_deletes", ""));
}

TEST(LiftGuards, WorksWithASavedPlan) {
  std::vector<Action> actions = Deletions(kMirror, 2);
  actions.push_back(MakeArchive("r.io/mirror:0", "archive.io/mirror:0"));
  ApplyGuards({100, 1, 0}, {}, {{kMirror, {9, 1}}}, actions);
  actions.push_back(MakeCommit(Stage::kStatus, "STATUS.md"));
  Plan plan = MakePlanOf(actions);
  EXPECT_EQ(Summarize(plan).blocked, 3);

  GuardOverrides too_few;
  too_few.allow_deletes = {{kMirror, 1}};
  ASSERT_TRUE(LiftGuards(too_few, plan).ok());
  EXPECT_EQ(Summarize(plan).blocked, 3);

  GuardOverrides allow;
  allow.allow_deletes = {{kMirror, 2}};
  ASSERT_TRUE(LiftGuards(allow, plan).ok());
  EXPECT_EQ(Summarize(plan), (PlanSummary{2, 0, 2, 0}));
  EXPECT_EQ(plan.actions.back().Address(), "commit STATUS.md");
  EXPECT_EQ(plan.actions.back().needs.size(), 2u);
}

// What was written for the report says that the deletions are still due.
TEST(LiftGuards, HasTheReportWrittenAnew) {
  std::vector<Action> actions = Deletions(kMirror, 2);
  ApplyGuards({100, 1, 0}, {}, {{kMirror, {9, 1}}}, actions);
  actions.push_back(MakeCommit(Stage::kStatus, "STATUS.md"));
  actions.push_back(MakeCommit(Stage::kEol, "eol-data.yaml"));
  for (Action& action : actions) {
    if (action.kind == ActionKind::kCommit)
      action.commit = {.content = "2 due", .content_known = true};
  }
  Plan plan = MakePlanOf(actions);
  ASSERT_TRUE(LiftGuards({.force = false, .allow_deletes = {{"r.io/other", 1}}}, plan).ok());
  for (const Action& action : plan.actions) {
    EXPECT_EQ(action.commit.content_known, action.kind == ActionKind::kCommit);
  }
  ASSERT_TRUE(LiftGuards({.force = true, .allow_deletes = {}}, plan).ok());
  for (const Action& action : plan.actions) {
    if (action.kind != ActionKind::kCommit) continue;
    EXPECT_EQ(action.commit.content_known, action.stage == Stage::kEol);
    EXPECT_EQ(action.commit.content, action.stage == Stage::kEol ? "2 due" : "");
  }
}

TEST(ParseAllowDeletes, TakesRepositoryAndNumber) {
  const auto parsed = ParseAllowDeletes("alpine=12");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(*parsed, std::make_pair(std::string("docker.io/library/alpine"), std::int64_t{12}));
  EXPECT_TRUE(ParseAllowDeletes("r.io:5000/a=0").ok());
}

TEST(ParseAllowDeletes, SaysWhatIsWrong) {
  for (const char* text : {"r.io/a", "r.io/a=", "r.io/a=-1", "r.io/a=1x", "r.io/a= 1", "=1",
                           "r.io/A=1", "r.io/a=99999999999999999999"}) {
    const auto parsed = ParseAllowDeletes(text);
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(parsed.status().message()), HasSubstr(text));
  }
}

TEST(LiftGuards, NothingOfANarrowedPlan) {
  Action deletion = MakeDelete("r.io/mirror:1");
  deletion.blocked = Block{"min_keep", "too few"};
  for (const bool narrowed : {false, true}) {
    Plan plan = MakePlanOf({deletion});
    plan.narrowed = narrowed;
    ASSERT_TRUE(LiftGuards({.force = false, .allow_deletes = {{kMirror, 5}}}, plan).ok());
    EXPECT_EQ(plan.actions[0].blocked.has_value(), narrowed);
    if (!narrowed) continue;
    EXPECT_THAT(plan.actions[0].blocked->reason, HasSubstr("it can't be allowed now"));
  }
}

TEST(UnknownAllowances, NamesTheRepositoryThatThePlanHasNotSeen) {
  Plan plan = MakePlanOf({});
  plan.observed[kMirror] = {};
  const GuardOverrides overrides{.force = false,
                                 .allow_deletes = {{kMirror, 1}, {"r.io/miror", 2}}};
  EXPECT_THAT(UnknownAllowances(overrides, plan),
              ElementsAre(HasSubstr("--allow-deletes r.io/miror=2")));
}

}  // namespace
}  // namespace imglife
