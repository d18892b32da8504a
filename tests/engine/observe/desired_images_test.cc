// What build.images stand on, once it is known what the mirrors hold.
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/observe/desired.h"
#include "tests/engine/observe/config_maker.h"

namespace imglife {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

const std::string kMirrorText =
    SyncText({R"(source: alpine, target: r.test/mirrors/alpine, tag_regex: '^3\.', keep_last: 2)"});

std::string Image(const std::string& name, const std::string& rest) {
  return fmt::format("name: {}, folder: f, type: core, mirror_image: {}", name, rest);
}

Desired WantOfAlpine(const std::string& config) {
  return ComputeDesired(MakeConfig(config),
                        MakeListings({{"alpine", {"3.7", "3.8", "3.9", "3.10"}}}));
}

std::string Index(const std::optional<std::size_t>& index) {
  return index ? std::to_string(*index) : "-";
}

// "INDEX IMAGE of VERSION on BASE (image N, entry N)" of each.
std::vector<std::string> Lines(const Desired& desired) {
  std::vector<std::string> lines;
  for (const DesiredImage& image : desired.images) {
    lines.push_back(fmt::format("{} {} of {} on {} (image {}, entry {})", image.index,
                                image.image.ToString(), image.version, image.base.ToString(),
                                Index(image.base_image), Index(image.base_entry)));
  }
  return lines;
}

TEST(DesiredImages, StandOnThePinnedTag) {
  const Desired desired = WantOfAlpine(
      kMirrorText + BuildText({Image("app", "r.test/mirrors/alpine, mirror_tag: 3.7")}));
  EXPECT_THAT(Lines(desired), ElementsAre("0 r.test/bases/app:3.7-core1 of 3.7 on "
                                          "r.test/mirrors/alpine:3.7 (image -, entry 0)"));
  EXPECT_THAT(desired.errors, IsEmpty());
  EXPECT_THAT(desired.incomplete, IsEmpty());
}

TEST(DesiredImages, StandOnTheNewestTagOfTheMirrorByDefault) {
  const Desired desired =
      WantOfAlpine(kMirrorText + BuildText({Image("app", "r.test/mirrors/alpine")}));
  EXPECT_THAT(Lines(desired), ElementsAre("0 r.test/bases/app:3.10-core1 of 3.10 on "
                                          "r.test/mirrors/alpine:3.10 (image -, entry 0)"));
}

TEST(DesiredImages, HaveAVersionOfTheirOwn) {
  const Desired desired = WantOfAlpine(
      kMirrorText +
      BuildText({Image("app", "r.test/mirrors/alpine, mirror_tag: 3.9, version: 2.5")}));
  EXPECT_THAT(Lines(desired), ElementsAre("0 r.test/bases/app:2.5-core1 of 2.5 on "
                                          "r.test/mirrors/alpine:3.9 (image -, entry 0)"));
}

TEST(DesiredImages, MayStandOnWhatThisConfigurationDoesNotManage) {
  const Desired desired = WantOfAlpine(BuildText({Image("app", "ghcr.io/o/base, mirror_tag: 7")}));
  EXPECT_THAT(Lines(desired), ElementsAre("0 r.test/bases/app:7-core1 of 7 on ghcr.io/o/base:7 "
                                          "(image -, entry -)"));
}

TEST(DesiredImages, StandOnEachOtherInAnyOrderOfTheFile) {
  const Desired desired = WantOfAlpine(
      kMirrorText + BuildText({Image("top", "r.test/bases/middle"),
                               Image("bottom", "r.test/mirrors/alpine, mirror_tag: 3.9"),
                               Image("middle", "r.test/bases/bottom, mirror_tag: 3.9-core1")}));
  EXPECT_THAT(Lines(desired),
              ElementsAre("0 r.test/bases/top:3.9-core1-core1-core1 of 3.9-core1-core1 on "
                          "r.test/bases/middle:3.9-core1-core1 (image 2, entry -)",
                          "1 r.test/bases/bottom:3.9-core1 of 3.9 on r.test/mirrors/alpine:3.9 "
                          "(image -, entry 0)",
                          "2 r.test/bases/middle:3.9-core1-core1 of 3.9-core1 on "
                          "r.test/bases/bottom:3.9-core1 (image 1, entry -)"));
  EXPECT_THAT(desired.errors, IsEmpty());
}

TEST(DesiredImages, MayStandOnATagOfABuiltRepositoryThatIsNotBuiltNow) {
  const Desired desired = WantOfAlpine(
      kMirrorText + BuildText({Image("bottom", "r.test/mirrors/alpine, mirror_tag: 3.9"),
                               Image("top", "r.test/bases/bottom, mirror_tag: 3.8-core0")}));
  EXPECT_THAT(Lines(desired)[1], HasSubstr("on r.test/bases/bottom:3.8-core0 (image -, entry -)"));
}

TEST(DesiredImages, MayStandOnAnEarlierTagOfTheirOwnRepository) {
  const Desired desired =
      WantOfAlpine(BuildText({Image("app", "r.test/bases/app, mirror_tag: 1-core0, version: 2")}));
  EXPECT_THAT(Lines(desired), ElementsAre("0 r.test/bases/app:2-core1 of 2 on "
                                          "r.test/bases/app:1-core0 (image -, entry -)"));
  EXPECT_THAT(desired.errors, IsEmpty());
}

TEST(DesiredImages, ACycleIsAnErrorThatPrintsItsWholePath) {
  const Desired desired = WantOfAlpine(
      kMirrorText + BuildText({Image("c", "r.test/bases/b"), Image("a", "r.test/bases/c"),
                               Image("b", "r.test/bases/a"),
                               Image("d", "r.test/mirrors/alpine, mirror_tag: 3.9")}));
  EXPECT_THAT(desired.errors, ElementsAre(AllOf(StartsWith("imglife.yaml:4:1: build: "),
                                                HasSubstr(": a -> c -> b -> a"))));
  EXPECT_THAT(desired.images, IsEmpty());
  // Nothing of what they push or stand on may be deleted.
  for (const char* repository : {"r.test/bases/a", "r.test/bases/b", "r.test/bases/c",
                                 "r.test/bases/d", "r.test/mirrors/alpine"}) {
    EXPECT_THAT(desired.incomplete, ::testing::Contains(MakeRepository(repository)));
  }
}

TEST(DesiredImages, CannotStandOnTheNewestTagOfTheirOwnRepository) {
  EXPECT_THAT(
      WantOfAlpine(BuildText({Image("app", "r.test/bases/app")})).errors,
      ElementsAre(HasSubstr(
          "build.images[0]: app would stand on the newest tag of r.test/bases/app, which is the "
          "repository that it is pushed to: its next base would be itself; name the base's tag in "
          "mirror_tag")));
}

struct RefusedCase {
  const char* what;
  std::vector<std::string> images;
  std::string more;
  std::string error;
};

class RefusedImageTest : public ::testing::TestWithParam<RefusedCase> {};

// The first image is refused, or the second for the first's sake; the last stays.
TEST_P(RefusedImageTest, IsNamedAndLeavesTheOthers) {
  std::vector<std::string> images = GetParam().images;
  images.push_back(Image("fine", "ghcr.io/o/base, mirror_tag: 7"));
  const Desired desired = WantOfAlpine(kMirrorText + BuildText(images, GetParam().more));
  EXPECT_THAT(desired.errors,
              ElementsAre(AllOf(StartsWith("imglife.yaml:"), HasSubstr(GetParam().error))));
  EXPECT_EQ(desired.images.size(), GetParam().images.size());
  EXPECT_EQ(desired.images.back().index, GetParam().images.size());
}

INSTANTIATE_TEST_SUITE_P(
    Reasons, RefusedImageTest,
    ::testing::Values(
        RefusedCase{"NoTagToStandOn",
                    {Image("app", "r.test/mirrors/debian")},
                    "",
                    ": build.images[0]: this configuration puts no tag into "
                    "r.test/mirrors/debian; name one in mirror_tag"},
        RefusedCase{"NoValidTag",
                    {Image("app", "r.test/mirrors/alpine, version: 'a b'")},
                    "",
                    "build.images[0]: build.tag_format gives the tag \"a b-core1\" for app"},
        RefusedCase{"ItselfAsBase",
                    {Image("app", "r.test/bases/app, mirror_tag: 3.7")},
                    "  tag_format: '{mirror-tag}'\n",
                    "build.images[0]: the image stands on itself"},
        RefusedCase{"TheReferenceOfAnother",
                    {Image("a", "r.test/mirrors/alpine, mirror_tag: 3.9"),
                     Image("b", "r.test/mirrors/alpine, mirror_tag: 3.9")},
                    "  tag_format: '{registry}/app:{version}'\n",
                    "build.images[1]: another image is pushed to r.test/bases/app:3.9 as well"}),
    [](const auto& test) { return test.param.what; });

TEST(DesiredImages, WhatIsRefusedLeavesItsRepositoryAndItsBasesIncomplete) {
  const Desired desired = WantOfAlpine(BuildText({Image("app", "r.test/mirrors/debian")}));
  EXPECT_THAT(desired.incomplete, UnorderedElementsAre(MakeRepository("r.test/bases/app"),
                                                       MakeRepository("r.test/mirrors/debian")));
}

TEST(DesiredImages, ErrorsAreInTheOrderOfTheirPlaces) {
  EXPECT_THAT(WantOfAlpine(BuildText({Image("b", "r.test/x"), Image("a", "r.test/x")})).errors,
              ElementsAre(HasSubstr("build.images[0]"), HasSubstr("build.images[1]")));
}

TEST(DesiredImages, AnUnreadableMirrorLeavesNoTagToStandOn) {
  Listings listed;
  listed[MakeRepository("alpine")] = absl::UnavailableError("503");
  const Desired desired = ComputeDesired(
      MakeConfig(kMirrorText + BuildText({Image("app", "r.test/mirrors/alpine")})), listed);
  EXPECT_THAT(desired.images, IsEmpty());
  EXPECT_THAT(
      desired.errors,
      ElementsAre(HasSubstr("sync.entries[0]: docker.io/library/alpine could not be read: 503"),
                  HasSubstr("build.images[0]: ")));
  EXPECT_THAT(desired.incomplete, ::testing::Contains(MakeRepository("r.test/bases/app")));
}

TEST(DesiredImages, ACopyAndABuildOfOneTagAreAnErrorOfBoth) {
  const Desired desired = WantOfAlpine(
      SyncText({R"(source: alpine, target: r.test/bases/app, tag_regex: '^3\.(9|10)$')"}) +
      BuildText({Image("app", "r.test/mirrors/debian, mirror_tag: '3.9'")},
                "  tag_format: '{version}'\n"));
  EXPECT_THAT(desired.errors,
              ElementsAre(testing::StrEq(
                  "imglife.yaml:9:7: build.images[0]: would be pushed to r.test/bases/app:3.9, to "
                  "which imglife.yaml:3:7: sync.entries[0] copies docker.io/library/alpine:3.9; "
                  "neither is done: give one of them another place (tag_format, target) or tag")));
  EXPECT_THAT(desired.images, IsEmpty());
  EXPECT_EQ(desired.unresolved.at(0), desired.errors[0].text);
  const auto& copied = desired.mirrors.at(MakeRepository("r.test/bases/app"));
  EXPECT_EQ(copied.count("3.9"), 0U);
  EXPECT_EQ(copied.count("3.10"), 1U);
  EXPECT_THAT(desired.incomplete, testing::Contains(MakeRepository("r.test/bases/app")));
}

}  // namespace
}  // namespace imglife
