// Entries with check_digest, and with platforms.
#include "gmock/gmock.h"

#include "tests/engine/observe/index_of_two.h"
#include "tests/engine/observe/observe_fixture.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string kDigestEntry = "source: alpine, target: r.test/mirrors/alpine, tag: 3";
const std::vector<Platform> kOnlyArm = {Platform::Parse("linux/arm64").value()};

// What a mirror with `platforms: [linux/arm64]` makes of an index.
TestImage Filtered(const TestImage& index) {
  TestImage filtered = index;
  filtered.manifest = FilterIndex(index.manifest, kOnlyArm).value();
  return filtered;
}

TEST_F(ObserveTest, CheckDigestCostsOneHeadPerTagAndSide) {
  registry_.AddImage(kSource, "3", IndexOfTwo("same"));
  registry_.AddImage(kMirror, "3", IndexOfTwo("same"));
  Look(SyncText({kDigestEntry + ", check_digest: true"}), {Stage::kSync});
  EXPECT_THAT(Asked(),
              ElementsAre("ListTags r.test/mirrors/alpine", "Resolve docker.io/library/alpine 3",
                          "Resolve r.test/mirrors/alpine 3"));
}

TEST_F(ObserveTest, AMirrorThatDiffersIsReadForWhatItSaysOfItself) {
  registry_.AddImage(kSource, "3", IndexOfTwo("new"));
  registry_.AddImage(kMirror, "3", IndexOfTwo("old"));
  const Observation seen = Look(SyncText({kDigestEntry + ", check_digest: true"}), {Stage::kSync});
  EXPECT_THAT(Asked(),
              ElementsAre("GetManifest r.test/mirrors/alpine 3", "ListTags r.test/mirrors/alpine",
                          "Resolve docker.io/library/alpine 3", "Resolve r.test/mirrors/alpine 3"));
  EXPECT_EQ(seen.observed.DigestOf(kSource, "3"), IndexOfTwo("new").manifest.digest);
  EXPECT_EQ(seen.observed.DigestOf(kMirror, "3"), IndexOfTwo("old").manifest.digest);
}

TEST_F(ObserveTest, WhatWasWrittenIsAskedOnlyWhereAMirrorDiffers) {
  int asked = 0;
  world_.last_written = [&asked] {
    ++asked;
    return std::map<std::string, Digest>{
        {"r.test/mirrors/alpine:3", IndexOfTwo("old").manifest.digest}};
  };
  registry_.AddImage(kSource, "3", IndexOfTwo("new"));
  registry_.AddImage(kMirror, "3", IndexOfTwo("new"));
  Look(SyncText({kDigestEntry + ", check_digest: true"}), {Stage::kSync});
  EXPECT_EQ(asked, 0);
  registry_.AddImage(kMirror, "3", IndexOfTwo("old"));
  const Observation seen = Look(SyncText({kDigestEntry + ", check_digest: true"}), {Stage::kSync});
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(seen.observed.last_written->at("r.test/mirrors/alpine:3"),
            IndexOfTwo("old").manifest.digest);
  Look(SyncText({kDigestEntry}), {Stage::kSync});
  EXPECT_EQ(asked, 1) << "digests are not compared";
}

TEST_F(ObserveTest, WithPlatformsTheNoteOfTheMirrorSavesReadingTheSource) {
  registry_.AddImage(kSource, "3", IndexOfTwo("a"));
  registry_.AddImage(kMirror, "3", Filtered(IndexOfTwo("a")));
  const Observation seen = Look(
      SyncText({kDigestEntry + ", check_digest: true, platforms: [linux/arm64]"}), {Stage::kSync});
  EXPECT_THAT(Asked(),
              ElementsAre("GetManifest r.test/mirrors/alpine 3", "ListTags r.test/mirrors/alpine",
                          "Resolve docker.io/library/alpine 3"));
  EXPECT_THAT(seen.observed.filtered, IsEmpty());
}

// Wanted on 64 and 32 bits of ARM, of which the source has one.
TEST_F(ObserveTest, WithPlatformsThatTheSourceLacksACheckCostsTheSame) {
  const std::vector<Platform> wanted = {kOnlyArm[0], Platform::Parse("linux/arm").value()};
  TestImage reduced = IndexOfTwo("a");
  reduced.manifest = FilterIndex(reduced.manifest, wanted).value();
  registry_.AddImage(kSource, "3", IndexOfTwo("a"));
  registry_.AddImage(kMirror, "3", reduced);
  const Observation seen =
      Look(SyncText({kDigestEntry + ", check_digest: true, platforms: [linux/arm64, linux/arm]"}),
           {Stage::kSync});
  EXPECT_THAT(Asked(),
              ElementsAre("GetManifest r.test/mirrors/alpine 3", "ListTags r.test/mirrors/alpine",
                          "Resolve docker.io/library/alpine 3"));
  EXPECT_THAT(seen.observed.filtered, IsEmpty());
}

TEST_F(ObserveTest, WithPlatformsACheckOfAnImageThatIsNoIndexCostsTheSame) {
  const TestImage image = MakeImage({});
  registry_.AddImage(kSource, "3", image);
  registry_.AddImage(kMirror, "3", image);
  const Observation seen = Look(
      SyncText({kDigestEntry + ", check_digest: true, platforms: [linux/arm64]"}), {Stage::kSync});
  EXPECT_THAT(Asked(),
              ElementsAre("GetManifest r.test/mirrors/alpine 3", "ListTags r.test/mirrors/alpine",
                          "Resolve docker.io/library/alpine 3"));
  EXPECT_THAT(seen.observed.filtered, IsEmpty());
}

TEST_F(ObserveTest, WithPlatformsASourceThatMovedIsFiltered) {
  registry_.AddImage(kSource, "3", IndexOfTwo("new"));
  registry_.AddImage(kMirror, "3", Filtered(IndexOfTwo("old")));
  const Observation seen = Look(
      SyncText({kDigestEntry + ", check_digest: true, platforms: [linux/arm64]"}), {Stage::kSync});
  const Digest source = IndexOfTwo("new").manifest.digest;
  ASSERT_EQ(seen.observed.filtered.count({0, source}), 1u);
  EXPECT_EQ(*seen.observed.filtered.at({0, source}), Filtered(IndexOfTwo("new")).manifest.digest);
}

TEST_F(ObserveTest, WithPlatformsAMissingTagIsFilteredFromWhatWasRead) {
  registry_.AddImage(kSource, "3", IndexOfTwo("a"));
  const Observation seen =
      Look(SyncText({kDigestEntry + ", platforms: [linux/arm64]"}), {Stage::kSync});
  EXPECT_EQ(*seen.observed.filtered.at({0, IndexOfTwo("a").manifest.digest}),
            Filtered(IndexOfTwo("a")).manifest.digest);
  EXPECT_EQ(registry_.CountCalls("GetManifest"), 3u) << "the index and its two children";
}

TEST_F(ObserveTest, WithPlatformsAnImageThatIsNoIndexStaysAsItIs) {
  const TestImage image = MakeImage({});
  registry_.AddImage(kSource, "3", image);
  const Observation seen =
      Look(SyncText({kDigestEntry + ", platforms: [linux/arm64]"}), {Stage::kSync});
  EXPECT_EQ(*seen.observed.filtered.at({0, image.manifest.digest}), image.manifest.digest);
}

TEST_F(ObserveTest, PlatformsThatTheSourceLacksAreAnErrorThatSaysWhatItHas) {
  registry_.AddImage(kSource, "3", IndexOfTwo("a"));
  const Observation seen =
      Look(SyncText({kDigestEntry + ", platforms: [linux/s390x]"}), {Stage::kSync});
  const auto& filtered = seen.observed.filtered.at({0, IndexOfTwo("a").manifest.digest});
  EXPECT_THAT(
      std::string(filtered.status().message()),
      ::testing::AllOf(::testing::HasSubstr("linux/s390x"), ::testing::HasSubstr("linux/arm64")));
}

TEST_F(ObserveTest, CleanupsReadingOfACheckedMirrorKeepsItsConfigs) {
  registry_.AddImage(kSource, "3", IndexOfTwo("a"));
  registry_.AddImage(kMirror, "3", Filtered(IndexOfTwo("a")));
  const Observation seen =
      Look(SyncText({kDigestEntry + ", check_digest: true, platforms: [linux/arm64]"}) +
               "retention: {max_age_days: 1}\n",
           {Stage::kSync, Stage::kCleanup});
  EXPECT_NE(seen.observed.FindImage(kMirror, "3")->created, std::nullopt);
  EXPECT_EQ(registry_.CountCalls("GetManifest", "r.test/mirrors/alpine"), 2u);
}

}  // namespace
}  // namespace imglife
