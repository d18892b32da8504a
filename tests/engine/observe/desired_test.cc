// What sync entries want of their sources.
#include "engine/observe/desired.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/observe/listed_sources.h"
#include "tests/engine/observe/config_maker.h"
#include "tests/engine/observe/desired_entries.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kStandsOnAlpine =
    "name: app, folder: app, type: core, mirror_image: r.test/mirrors/alpine, mirror_tag: ";
const std::string kAlso =
    "name: also, folder: also, type: core, mirror_image: r.test/mirrors/alpine, mirror_tag: ";

Listings Upstream() {
  return MakeListings({{"alpine", {"3.21.3", "3.22.0", "3.23.5", "3.24.0", "3.24.1", "edge"}},
                       {"debian", {"12.1", "13.0"}},
                       {"ghcr.io/o/alpine", {"3.24.1", "4.0.0"}}});
}

TEST(DesiredMirrors, EachEntrySelectsFromItsOwnSource) {
  const Desired desired = Want(SyncText({kAlpine + R"(tag_regex: '^3\.', keep_last: 2)",
                                         kDebian + R"(tag_regex: '^\d', exclude: ['^12'])"}),
                               Upstream());
  EXPECT_THAT(WantedOfAlpine(desired),
              ElementsAre("3.24.0 <- entry 0: newest 2 of 5 matching tags",
                          "3.24.1 <- entry 0: newest 2 of 5 matching tags"));
  EXPECT_THAT(DescribeMirror(desired, "r.test/mirrors/debian"),
              ElementsAre("13.0 <- entry 1: the only matching tag"));
  EXPECT_THAT(desired.errors, IsEmpty());
  EXPECT_THAT(desired.warnings, IsEmpty());
  EXPECT_THAT(desired.incomplete, IsEmpty());
}

TEST(DesiredMirrors, ANamedTagNeedsNoList) {
  const Desired desired = Want(SyncText({kAlpine + "tag: 9.9"}), {});
  EXPECT_THAT(WantedOfAlpine(desired), ElementsAre("9.9 <- entry 0: named by the configuration"));
  EXPECT_THAT(desired.errors, IsEmpty());
}

TEST(ListedSources, AreThoseOfExpressionsEachOnce) {
  const Config config = MakeConfig(SyncText({kDebian + "tag_regex: '1'", kAlpine + "tag_regex: '3'",
                                             kAlpine + "tag_regex: '4'", kOtherAlpine + "tag: 1"}));
  EXPECT_THAT(ListedSources(config),
              ElementsAre(MakeRepository("alpine"), MakeRepository("debian")));
}

TEST(ListedSources, AreThoseThatMayHaveAPinThatNoEntryNames) {
  const std::vector<std::string> entries = {kAlpine + "tag: edge", kOtherAlpine + "tag: 4.0.0",
                                            kDebian + "tag: 13.0"};
  EXPECT_THAT(
      ListedSources(MakeConfig(SyncText(entries) + BuildText({kStandsOnAlpine + "3.21.3"}))),
      ElementsAre(MakeRepository("alpine"), MakeRepository("ghcr.io/o/alpine")));
  EXPECT_THAT(ListedSources(MakeConfig(SyncText(entries) + BuildText({kStandsOnAlpine + "4.0.0"}))),
              IsEmpty());
}

TEST(DesiredMirrors, APinThatAnUnreadableSourceMayHaveIsAWarning) {
  Listings listed = Upstream();
  listed.insert_or_assign(MakeRepository("alpine"), absl::UnavailableError("no answer"));
  const Desired desired =
      Want(SyncText({kAlpine + "tag: edge"}) + BuildText({kStandsOnAlpine + "3.21.3"}), listed);
  EXPECT_THAT(WantedOfAlpine(desired), ElementsAre("edge <- entry 0: named by the configuration"));
  EXPECT_THAT(desired.warnings,
              ElementsAre("imglife.yaml: sync.entries[0]: whether docker.io/library/alpine has "
                          "the tags that builds stand on is not known: no answer"));
  EXPECT_THAT(desired.errors, IsEmpty());
}

TEST(DesiredMirrors, APinIsWantedThoughKeepLastLeavesItOut) {
  const Desired desired = Want(SyncText({kAlpine + R"(tag_regex: '^3\.', keep_last: 1)"}) +
                                   BuildText({kStandsOnAlpine + "3.21.3"}),
                               Upstream());
  EXPECT_THAT(WantedOfAlpine(desired),
              ElementsAre("3.21.3 <- entry 0: pinned by build.images[0]",
                          "3.24.1 <- entry 0: newest 1 of 5 matching tags"));
  EXPECT_THAT(desired.warnings, IsEmpty());
}

TEST(DesiredMirrors, AnExcludedPinIsWantedWithAWarning) {
  const Desired desired =
      Want(SyncText({kAlpine + R"(tag_regex: '^3\.', keep_last: 1, exclude: ['^3\.21'])"}) +
               BuildText({kStandsOnAlpine + "3.21.3"}),
           Upstream());
  EXPECT_THAT(WantedOfAlpine(desired),
              ElementsAre("3.21.3 <- entry 0: pinned by build.images[0]",
                          "3.24.1 <- entry 0: newest 1 of 4 matching tags"));
  EXPECT_THAT(desired.warnings,
              ElementsAre("imglife.yaml: sync.entries[0]: tag 3.21.3 is excluded here but a "
                          "build stands on it: it is mirrored"));
  EXPECT_THAT(desired.errors, IsEmpty());
}

TEST(DesiredMirrors, ANamedTagThatIsExcludedIsNotSelected) {
  const Desired desired = Want(SyncText({kAlpine + "tag: edge, exclude: [dg]"}), {});
  EXPECT_THAT(WantedOfAlpine(desired), ElementsAre("no such mirror"));
  EXPECT_THAT(desired.warnings,
              ElementsAre("imglife.yaml: sync.entries[0]: tag edge is excluded here: it is not "
                          "mirrored"));
  EXPECT_THAT(desired.errors, IsEmpty());
  EXPECT_THAT(desired.incomplete, IsEmpty());
}

TEST(DesiredMirrors, ANamedTagThatIsExcludedAndPinnedIsWantedWithAWarning) {
  const Desired desired = Want(
      SyncText({kAlpine + "tag: edge, exclude: [dg]"}) + BuildText({kStandsOnAlpine + "edge"}), {});
  EXPECT_THAT(WantedOfAlpine(desired), ElementsAre("edge <- entry 0: pinned by build.images[0]"));
  EXPECT_THAT(desired.warnings, ElementsAre(HasSubstr("tag edge is excluded here but a build "
                                                      "stands on it: it is mirrored")));
  EXPECT_THAT(desired.errors, IsEmpty());
}

struct PinCase {
  const char* what;
  std::vector<std::string> entries;
  std::string pin;
  std::vector<std::string> wanted;
};

class PinTest : public ::testing::TestWithParam<PinCase> {};

TEST_P(PinTest, IsCopiedByTheEntryThatKnowsIt) {
  const Desired desired = Want(
      SyncText(GetParam().entries) + BuildText({kStandsOnAlpine + GetParam().pin}), Upstream());
  EXPECT_EQ(WantedOfAlpine(desired), GetParam().wanted);
  EXPECT_THAT(desired.errors, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Entries, PinTest,
    ::testing::Values(
        PinCase{"TheFirstThatMatchesIt",
                {kAlpine + "tag_regex: ^edge$", kAlpine + R"(tag_regex: '^3\.2[12]', keep_last: 1)",
                 kAlpine + R"(tag_regex: '^3\.21', keep_last: 1, exclude: [3])"},
                "3.21.3",
                {"3.21.3 <- entry 1: pinned by build.images[0]",
                 "3.22.0 <- entry 1: newest 1 of 2 matching tags",
                 "edge <- entry 0: the only matching tag"}},
        PinCase{
            "ElseTheFirstWhoseSourceHasIt",
            {kOtherAlpine + "tag_regex: ^4", kAlpine + "tag_regex: ^edge$",
             kAlpine + R"(tag_regex: '^3\.23')"},
            "3.21.3",
            {"3.21.3 <- entry 1: pinned by build.images[0]",
             "3.23.5 <- entry 2: the only matching tag", "4.0.0 <- entry 0: the only matching tag",
             "edge <- entry 1: the only matching tag"}},
        PinCase{"NoneIfAnEntryNamesIt",
                {kAlpine + "tag: 3.24.1", kOtherAlpine + "tag_regex: ^4"},
                "3.24.1",
                {"3.24.1 <- entry 0: named by the configuration",
                 "4.0.0 <- entry 1: the only matching tag"}},
        PinCase{"AnotherThanTheOneThatExcludesItsName",
                {kOtherAlpine + "tag: 3.24.1, exclude: [3]", kAlpine + R"(tag_regex: '^3\.24\.1')"},
                "3.24.1",
                {"3.24.1 <- entry 1: the only matching tag"}},
        PinCase{"OneThatNamesAnotherTagOfTheSource",
                {kAlpine + "tag: edge"},
                "3.21.3",
                {"3.21.3 <- entry 0: pinned by build.images[0]",
                 "edge <- entry 0: named by the configuration"}},
        PinCase{"NoneIfNoSourceHasIt",
                {kAlpine + "tag_regex: ^edge$"},
                "9.9",
                {"edge <- entry 0: the only matching tag"}}),
    [](const auto& test) { return test.param.what; });

TEST(DesiredMirrors, APinConcernsItsOwnMirrorOnly) {
  const Desired desired = Want(SyncText({kAlpine + "tag: edge", kDebian + "tag_regex: ^12"}) +
                                   BuildText({kStandsOnAlpine + "13.0"}),
                               Upstream());
  EXPECT_THAT(DescribeMirror(desired, "r.test/mirrors/debian"),
              ElementsAre("12.1 <- entry 1: the only matching tag"));
}

TEST(DesiredMirrors, WarningsAreSortedByTheirText) {
  const std::string entry = kAlpine + R"(tag_regex: '^3\.', keep_last: 1, exclude: ['^3\.2[12]'])";
  const Desired desired = Want(
      SyncText({entry}) + BuildText({kStandsOnAlpine + "3.21.3", kAlso + "3.22.0"}), Upstream());
  EXPECT_THAT(desired.warnings, ElementsAre(HasSubstr("tag 3.21.3 is excluded"),
                                            HasSubstr("tag 3.22.0 is excluded")));
}

TEST(DesiredMirrors, TwoSourcesOfOneTagAreAnErrorThatNamesBoth) {
  const Desired desired = Want(SyncText({kAlpine + R"(tag_regex: '^3\.24')", kDebian + "tag: 13.0",
                                         kOtherAlpine + "tag_regex: '^3'"}),
                               Upstream());
  EXPECT_THAT(desired.errors,
              ElementsAre(testing::StrEq(
                  "imglife.yaml:5:7: sync.entries[2]: would write "
                  "r.test/mirrors/alpine:3.24.1 from ghcr.io/o/alpine, but sync.entries[0] "
                  "(line 3) writes it from docker.io/library/alpine")));
  EXPECT_THAT(desired.incomplete, ElementsAre(MakeRepository("r.test/mirrors/alpine")));
}

TEST(DesiredMirrors, OneSourceMayOfferATagTwice) {
  const Desired desired = Want(SyncText({kAlpine + R"(tag_regex: '^3\.24\.1$')",
                                         kAlpine + R"(tag_regex: '^3\.2[34]\.[15]$')"}),
                               Upstream());
  EXPECT_THAT(WantedOfAlpine(desired), ElementsAre("3.23.5 <- entry 1: all 2 matching tags",
                                                   "3.24.1 <- entry 0: the only matching tag"));
  EXPECT_THAT(desired.errors, IsEmpty());
  EXPECT_THAT(desired.incomplete, IsEmpty());
}

TEST(DesiredMirrors, WhatOneEntryAsksOfATagHoldsWhereAnotherSelectsItFirst) {
  const Desired desired = Want(
      SyncText({kAlpine + R"(tag_regex: '^3\.24')", kAlpine + "tag: 3.24.1, check_digest: true",
                kAlpine + "tag: 3.24.0, referrers: true"}),
      Upstream());
  const auto& tags = desired.mirrors.at(MakeRepository("r.test/mirrors/alpine"));
  EXPECT_EQ(tags.at("3.24.1").entry, 0U);
  EXPECT_TRUE(tags.at("3.24.1").check_digest);
  EXPECT_FALSE(tags.at("3.24.1").referrers);
  EXPECT_FALSE(tags.at("3.24.0").check_digest);
  EXPECT_TRUE(tags.at("3.24.0").referrers);
}

TEST(DesiredMirrors, TwoSetsOfPlatformsOfOneTagAreAnErrorThatNamesBoth) {
  const Desired desired =
      Want(SyncText({kAlpine + R"(tag_regex: '^3\.24', platforms: [linux/arm64, linux/amd64])",
                     kAlpine + "tag: 3.24.0, platforms: [linux/amd64, linux/arm64]",
                     kAlpine + "tag: 3.24.1"}),
           Upstream());
  EXPECT_THAT(desired.errors,
              ElementsAre(testing::StrEq(
                  "imglife.yaml:5:7: sync.entries[2]: would write "
                  "r.test/mirrors/alpine:3.24.1 with all platforms, but sync.entries[0] "
                  "(line 3) writes it with linux/amd64, linux/arm64")));
  EXPECT_THAT(desired.incomplete, ElementsAre(MakeRepository("r.test/mirrors/alpine")));
}

}  // namespace
}  // namespace imglife
