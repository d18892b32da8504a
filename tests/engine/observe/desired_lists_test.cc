// What sync entries want where a source's list is unreadable, empty or without dates.
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/observe/desired.h"
#include "tests/engine/observe/config_maker.h"
#include "tests/engine/observe/desired_entries.h"

namespace imglife {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

Listings FewTags() {
  return MakeListings({{"alpine", {"3.22.0", "edge"}}, {"debian", {"12.1", "13.0"}}});
}

TEST(DesiredOfLists, AnUnreadableListIsAnErrorAndNotAnEmptyOne) {
  Listings listed = FewTags();
  listed[MakeRepository("alpine")] = absl::UnavailableError("docker.io answers 503");
  const Desired desired =
      Want(SyncText({kAlpine + "tag_regex: '3'", kDebian + "tag_regex: ^13"}), listed);
  EXPECT_THAT(desired.errors, ElementsAre(testing::StrEq(
                                  "imglife.yaml:3:7: sync.entries[0]: docker.io/library/alpine "
                                  "could not be read: docker.io answers 503")));
  EXPECT_THAT(desired.warnings, IsEmpty());
  EXPECT_THAT(desired.incomplete, ElementsAre(MakeRepository("r.test/mirrors/alpine")));
  EXPECT_THAT(WantedOfAlpine(desired), IsEmpty());
  EXPECT_THAT(DescribeMirror(desired, "r.test/mirrors/debian"),
              ElementsAre("13.0 <- entry 1: the only matching tag"));
}

TEST(DesiredOfLists, WhatIsIncompleteIsSorted) {
  const Desired desired =
      Want(SyncText({kDebian + "tag_regex: '3'", kAlpine + "tag_regex: '3'"}), {});
  EXPECT_THAT(desired.incomplete, ElementsAre(MakeRepository("r.test/mirrors/alpine"),
                                              MakeRepository("r.test/mirrors/debian")));
}

TEST(DesiredOfLists, AListThatNobodyAskedIsAnErrorToo) {
  const Desired desired = Want(SyncText({kAlpine + "tag_regex: '3'"}), {});
  EXPECT_THAT(desired.errors, ElementsAre(HasSubstr("the source was not listed")));
  EXPECT_THAT(desired.incomplete, ElementsAre(MakeRepository("r.test/mirrors/alpine")));
}

TEST(DesiredOfLists, ASourceThatDoesNotExistIsAnError) {
  Listings listed;
  listed[MakeRepository("alpine")] = TagList{.repository_exists = false};
  const Desired desired = Want(SyncText({kAlpine + "tag_regex: '3'"}), listed);
  EXPECT_THAT(desired.errors,
              ElementsAre(HasSubstr("no repository docker.io/library/alpine; check `source`")));
  EXPECT_THAT(desired.incomplete, ElementsAre(MakeRepository("r.test/mirrors/alpine")));
}

TEST(DesiredOfLists, ASourceWithoutTagsIsNamed) {
  Listings listed = FewTags();
  listed[MakeRepository("alpine")]->tags.clear();
  const Desired desired =
      Want(SyncText({kAlpine + "tag_regex: '3'", kDebian + "tag_regex: ^x$"}), listed);
  EXPECT_THAT(desired.empty_sources,
              ElementsAre(testing::Pair(MakeRepository("r.test/mirrors/alpine"),
                                        MakeRepository("alpine"))));
}

TEST(DesiredOfLists, AnExpressionThatMatchesNothingIsAWarning) {
  const Desired desired = Want(SyncText({kAlpine + "tag_regex: ^x$"}), FewTags());
  EXPECT_THAT(desired.warnings, ElementsAre("imglife.yaml: sync.entries[0]: no tag of "
                                            "docker.io/library/alpine matches ^x$"));
  EXPECT_THAT(desired.errors, IsEmpty());
  EXPECT_THAT(desired.incomplete, IsEmpty());
}

TEST(DesiredOfLists, WhatAListSkippedIsAWarningOfTheEntry) {
  Listings listed = FewTags();
  listed[MakeRepository("alpine")]->warnings = {"2 names are no valid tags"};
  const Desired desired = Want(SyncText({kAlpine + "tag_regex: ^edge$"}), listed);
  EXPECT_THAT(desired.warnings,
              ElementsAre("imglife.yaml: sync.entries[0]: 2 names are no valid tags"));
}

TEST(DesiredOfLists, DockerHubsDatesChooseAmongWordsAndMustBeComplete) {
  const std::string config = SyncText({kAlpine + "tag_regex: '^[a-z]+$', keep_last: 1"});
  TagList list = MakeTagList({"edge", "latest"});
  list.pushed["edge"] = absl::FromUnixSeconds(1'700'000'000);
  Listings listed;
  listed[MakeRepository("alpine")] = list;
  const Desired refused = Want(config, listed);
  EXPECT_THAT(refused.errors, ElementsAre(AllOf(StartsWith("imglife.yaml:3:7: sync.entries[0]: "),
                                                HasSubstr("narrow tag_regex"))));
  EXPECT_THAT(refused.incomplete, ElementsAre(MakeRepository("r.test/mirrors/alpine")));
  listed[MakeRepository("alpine")]->pushed["latest"] = absl::FromUnixSeconds(1'600'000'000);
  EXPECT_THAT(WantedOfAlpine(Want(config, listed)),
              ElementsAre("edge <- entry 0: newest 1 of 2 matching tags"));
}

TEST(DesiredOfLists, OtherRegistriesHaveNoDatesToWaitFor) {
  const Desired desired = Want(SyncText({kOtherAlpine + "tag_regex: '.', keep_last: 1"}),
                               MakeListings({{"ghcr.io/o/alpine", {"edge", "latest"}}}));
  EXPECT_THAT(WantedOfAlpine(desired),
              ElementsAre("latest <- entry 0: newest 1 of 2 matching tags"));
}

TEST(DesiredOfLists, TagsOfSignaturesComeWithTheirImageAndAreNotSelected) {
  const std::string signature = "sha256-" + std::string(64, 'a') + ".sig";
  const auto listed = MakeListings({{"ghcr.io/o/alpine", {signature, "3.1"}}});
  EXPECT_THAT(WantedOfAlpine(Want(SyncText({kOtherAlpine + "tag_regex: '.'"}), listed)),
              ElementsAre(HasSubstr("3.1 <-"), HasSubstr(signature)));
  EXPECT_THAT(
      WantedOfAlpine(Want(SyncText({kOtherAlpine + "tag_regex: '.', referrers: true"}), listed)),
      ElementsAre("3.1 <- entry 0: the only matching tag"));
}

// What is fine without a build is fine with one.
TEST(ComputeDesired, APinThatAnEntrySelectsByItselfIsLeftToIt) {
  for (const char* own : {"tag: 3.24.1", "tag_regex: '^3', keep_last: 1"}) {
    const std::string sync = SyncText(
        {"source: ghcr.io/o/alpine, target: r.test/mirrors/alpine, tag_regex: '.', keep_last: 1",
         std::string("source: alpine, target: r.test/mirrors/alpine, ") + own});
    const auto listed =
        MakeListings({{"ghcr.io/o/alpine", {"3.24.1", "4.0.0"}}, {"alpine", {"3.24.1"}}});
    const std::string build =
        BuildText({"name: app, folder: app, type: core, mirror_image: r.test/mirrors/alpine, "
                   "mirror_tag: 3.24.1"});
    EXPECT_THAT(ComputeDesired(MakeConfig(sync + build), listed).errors, IsEmpty()) << own;
  }
}

TEST(ComputeDesired, TheNewestOfAnUnreadableListIsNotGuessed) {
  const std::string text =
      SyncText({"source: a.test/x, target: r.test/mirrors/alpine, tag_regex: '.'",
                "source: b.test/x, target: r.test/mirrors/alpine, tag_regex: '.'"}) +
      BuildText({"name: app, folder: app, type: core, mirror_image: r.test/mirrors/alpine"});
  auto listed = MakeListings({{"a.test/x", {"1.0"}}, {"b.test/x", {"2.0"}}});
  EXPECT_THAT(ComputeDesired(MakeConfig(text), listed).images, testing::SizeIs(1));
  listed.insert_or_assign(MakeRepository("b.test/x"), absl::UnavailableError("no answer"));
  const Desired desired = ComputeDesired(MakeConfig(text), listed);
  EXPECT_THAT(desired.images, IsEmpty());
  EXPECT_THAT(desired.errors, testing::Contains(testing::HasSubstr("can't be told")));
}

}  // namespace
}  // namespace imglife
