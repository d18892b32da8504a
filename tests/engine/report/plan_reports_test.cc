// Plans as people and GitLab read them.
#include <map>
#include <string>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

#include "engine/plan/plan_file.h"
#include "engine/report/gitlab_report.h"
#include "engine/report/plan_markdown.h"
#include "engine/report/plan_text.h"
#include "tests/engine/plan/plan_maker.h"

namespace imglife {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// The example of plan-apply.md, word for word.
constexpr char kExample[] =
    R"(imglife will perform the following actions:

  sync
  + copy    registry.example.com/mirrors/alpine:3.24.1               new upstream tag · 2 platforms · 7.4 MB
  ~ copy    registry.example.com/mirrors/alpine:3.23.5               upstream moved · sha256:1c4eef1a → sha256:9d02b1c3

  build
  + build   registry.example.com/bases/alpine:3.21.3-core1.0.0       tag does not exist · from mirrors/alpine:3.21.3

  eol
  ~ commit  eol-data.yaml                                            2 cycles changed
      ~ alpine 3.22   eol 2027-05-01 → 2027-06-01
      + alpine 3.24   eol 2028-06-01

  cleanup
  - delete  registry.example.com/bases/alpine:3.18.6-core1.0.0       412 days old (max_age_days 90) · sha256:77aa01fe
      also named by: none · frees 3.1 MB

Plan: 2 to add, 2 to change, 1 to destroy.
)";

// Sorted lines: within a stage the order of the example is that of reading, not of addresses.
std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t start = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', start)) {
    lines.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

TEST(PlanAsText, IsTheFormOfTheSpecification) {
  EXPECT_THAT(Lines(PlanAsText(ExamplePlan(), false)),
              ::testing::UnorderedElementsAreArray(Lines(kExample)));
}

TEST(PlanAsText, SortsByTheBytesOfTheAddress) {
  const std::string text = PlanAsText(ExamplePlan(), false);
  EXPECT_LT(text.find("alpine:3.23.5"), text.find("alpine:3.24.1"));
  EXPECT_LT(text.find("\n  sync\n"), text.find("\n  build\n"));
  EXPECT_LT(text.find("\n  eol\n"), text.find("\n  cleanup\n"));
}

TEST(PlanAsText, HasOneSentenceForNothing) {
  EXPECT_EQ(PlanAsText(MakePlanOf({}), false), "No changes. Registries match the configuration.\n");
}

Plan PlanWithPulls() {
  Plan plan = MakePlanOf({MakeCopy("r.io/m:1")});
  plan.warnings = {"something else"};
  plan.pulls = PlannedPulls{"docker.io", 12, false, 76, 100, absl::Hours(6)};
  return plan;
}

TEST(PlanAsText, OneLongTargetDoesNotPadTheOthers) {
  Action usual = MakeCopy("r.test/a:1");
  usual.remarks = {"remark"};
  Action longest = MakeCopy("r.test/a:" + std::string(128, 'x'));
  longest.remarks = {"remark"};
  const std::string text = PlanAsText(MakePlanOf({usual, longest}), false);
  EXPECT_THAT(text, HasSubstr("r.test/a:1" + std::string(47, ' ') + "remark\n"));
  EXPECT_THAT(text, HasSubstr(longest.target + "  remark\n"));
}

TEST(PlanAsText, SaysWhatTheCopiesTakeOfTheCountedPulls) {
  Plan plan = PlanWithPulls();
  EXPECT_THAT(
      PlanAsText(plan, false),
      HasSubstr("  something else\n"
                "docker.io: these copies take up to 12 pulls; 76 of 100 are left (within 6h).\n"
                "Plan: 1 to add, 0 to change, 0 to destroy.\n"));
  EXPECT_THAT(PlanAsMarkdown(plan, kMarkdownLimit),
              HasSubstr("take up to 12 pulls; 76 of 100 are left"));
  plan.pulls->needed = 1;
  plan.pulls->at_least = true;
  EXPECT_THAT(PlanAsText(plan, false), HasSubstr("take at least 1 pull; "));
  plan.pulls.reset();
  EXPECT_THAT(PlanAsText(plan, false), Not(HasSubstr("pull")));
}

TEST(PlanFile, KeepsThePullsAndReadsPlansWithoutThem) {
  const auto read = ReadPlan(WritePlan(PlanWithPulls()));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(PlanAsText(*read, false), PlanAsText(PlanWithPulls(), false));
  EXPECT_EQ(WritePlan(*read), WritePlan(PlanWithPulls()));
  Plan older = PlanWithPulls();
  older.pulls.reset();
  const auto again = ReadPlan(WritePlan(older));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_FALSE(again->pulls.has_value());
}

Plan PlanOfEveryNeed() {
  Action build = MakeBuild("r.io/app:1", "r.io/m:1");
  build.needs = {{"copy r.io/m:1", "its base"}};
  build.build.forced = true;
  Action second = MakeDelete("r.io/m:02", "d2");
  second.needs = {{"delete r.io/m:01", "in other words", NeedKind::kGate}};
  Plan plan = MakePlanOf({MakeCopy("r.io/m:1"), build, MakeDelete("r.io/m:01"),
                          MakeArchive("r.io/m:01", "archive.io/m:01")});
  plan.actions.push_back(second);
  return plan;
}

std::map<std::string, NeedKind> NeedsIn(const Plan& plan) {
  std::map<std::string, NeedKind> kinds;
  for (const Action& action : plan.actions) {
    for (const Need& need : action.needs) {
      kinds[fmt::format("{} → {}", action.target, need.address)] = need.kind;
    }
  }
  return kinds;
}

TEST(PlanFile, KeepsWhatActionsWantOfThoseThatTheyNeed) {
  const auto read = ReadPlan(WritePlan(PlanOfEveryNeed()));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(NeedsIn(*read), NeedsIn(PlanOfEveryNeed()));
  EXPECT_EQ(NeedsIn(*read).at("r.io/m:02 → delete r.io/m:01"), NeedKind::kGate);
  EXPECT_EQ(NeedsIn(*read).at("r.io/m:01 → archive archive.io/m:01"), NeedKind::kArchived);
  EXPECT_TRUE(FindAction(*read, "build r.io/app:1")->build.forced);
  EXPECT_FALSE(read->narrowed);
}

// As versions wrote it that didn't know those keys.
std::string OfAnOlderVersion(const Plan& plan) {
  auto json = nlohmann::ordered_json::parse(WritePlan(plan));
  json.erase("narrowed");
  for (auto& action : json["actions"]) {
    for (auto& need : action["needs"]) need.erase("kind");
    if (action.contains("build")) action["build"].erase("forced");
  }
  json.erase("digest");
  json["digest"] = Digest::OfBytes(json.dump()).str();
  return json.dump();
}

TEST(PlanFile, WhatAnOlderPlanDoesNotSayIsTakenForTheStricter) {
  const auto read = ReadPlan(OfAnOlderVersion(PlanOfEveryNeed()));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(read->narrowed);
  EXPECT_THAT(NeedsIn(*read), ::testing::Each(::testing::Pair(::testing::_, NeedKind::kSuccess)));
  EXPECT_FALSE(FindAction(*read, "build r.io/app:1")->build.forced);
}

TEST(PlanAsText, ColoursOnlyWhenAsked) {
  EXPECT_THAT(PlanAsText(ExamplePlan(), true), HasSubstr("\x1b["));
  EXPECT_THAT(PlanAsText(ExamplePlan(), false), Not(HasSubstr("\x1b")));
}

TEST(PlanAsText, LetsNoControlByteThrough) {
  for (std::uint32_t seed = 0; seed < 30; ++seed) {
    for (const char c : PlanAsText(RandomPlan(seed, 30), false)) {
      const auto byte = static_cast<unsigned char>(c);
      EXPECT_TRUE(c == '\n' || (byte >= 0x20 && byte != 0x7f)) << "seed " << seed;
    }
  }
}

TEST(PlanAsText, OfASavedPlanIsTheSame) {
  for (const Plan& plan : {ExamplePlan(), EverythingPlan()}) {
    const auto saved = ReadPlan(WritePlan(plan));
    ASSERT_TRUE(saved.ok()) << saved.status();
    EXPECT_EQ(PlanAsText(*saved, false), PlanAsText(plan, false));
  }
}

TEST(PlanAsMarkdown, ShowsDeletionsFirstAndWhyTheyAreSafe) {
  const std::string text = PlanAsMarkdown(ExamplePlan(), kMarkdownLimit);
  EXPECT_THAT(text, HasSubstr("**Plan: 2 to add, 2 to change, 1 to destroy.**"));
  EXPECT_LT(text.find("3.18.6-core1.0.0"), text.find("3.23.5"));
  EXPECT_LT(text.find("3.23.5"), text.find("3.24.1"));
  EXPECT_THAT(text, HasSubstr("nothing else in the repository uses the digest"));
}

// Two names of one digest go: nobody may read of either that the image stays.
TEST(PlanAsMarkdown, TellsWithWhichNameADigestGoes) {
  Action first = MakeDelete("r.io/m:1", "aa");
  first.removal.way = DeleteWork::Way::kUntag;
  first.removal.siblings = {"2"};
  Action last = MakeDelete("r.io/m:2", "aa");
  last.removal.way = DeleteWork::Way::kManifest;
  last.removal.siblings = {"1"};
  Action other = MakeDelete("r.io/n:1", "aa");
  other.removal.way = DeleteWork::Way::kUntag;
  other.removal.siblings = {"2"};
  const std::string text = PlanAsMarkdown(MakePlanOf({first, last, other}), kMarkdownLimit);
  EXPECT_THAT(text,
              HasSubstr("| 2 \\(goes too\\) | only this name goes here; the digest goes with 2 "));
  EXPECT_THAT(text, HasSubstr("| 1 \\(goes too\\) | the digest goes with this name: "));
  EXPECT_THAT(text, HasSubstr("| 2 \\(stays\\) | only this name goes, what else uses "));
}

// Its other name is blocked, or left out by --only.
TEST(PlanAsMarkdown, ADigestStaysWithANameThatDoesNotGo) {
  Action blocked = MakeDelete("r.io/m:1", "aa");
  blocked.removal.siblings = {"2"};
  blocked.blocked = Block{"in_use", "r.io/app:1 stands on it"};
  Action last = MakeDelete("r.io/m:2", "aa");
  last.removal.way = DeleteWork::Way::kManifest;
  last.removal.siblings = {"1"};
  last.removal.frees = 645;
  for (const Plan& plan : {MakePlanOf({blocked, last}), MakePlanOf({last})}) {
    const std::string text = PlanAsMarkdown(plan, kMarkdownLimit);
    EXPECT_THAT(text, HasSubstr("| 1 \\(stays\\) | only this name goes, what else uses "));
    EXPECT_THAT(text, Not(HasSubstr("frees")));
  }
}

TEST(PlanAsMarkdown, LetsNoMarkupThrough) {
  const std::string text = PlanAsMarkdown(EverythingPlan(), kMarkdownLimit);
  EXPECT_THAT(text, Not(HasSubstr("<script>")));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(PlanAsMarkdown, CutsAdditionsAndSaysHowMany) {
  std::vector<Action> actions;
  for (int i = 0; i < 1000; ++i) actions.push_back(MakeCopy("r.test/a:" + std::to_string(i)));
  for (int i = 0; i < 5; ++i) actions.push_back(MakeDelete("r.test/b:" + std::to_string(i)));
  const Plan plan = MakePlanOf(actions);
  const std::string text = PlanAsMarkdown(plan, 5000);
  EXPECT_LE(text.size(), 5000u);
  for (int i = 0; i < 5; ++i) EXPECT_THAT(text, HasSubstr("r.test/b:" + std::to_string(i)));
  EXPECT_THAT(text, HasSubstr("additions left out"));
}

TEST(GitLabReport, HasIntegersOnly) {
  EXPECT_EQ(GitLabReport({.add = 3, .change = 2, .destroy = 1, .blocked = 4}),
            "{\"create\":3,\"update\":2,\"delete\":1,\"blocked\":4}\n");
}

}  // namespace
}  // namespace imglife
