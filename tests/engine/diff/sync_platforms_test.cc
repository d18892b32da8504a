// Entries with `platforms`: what is compared is the filtered index.
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/diff/diff.h"
#include "schema/image/filtered_index.h"
#include "schema/image/placeholder.h"
#include "tests/engine/diff/sync_scene.h"
#include "tests/engine/plan/plan_maker.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kTag = "r.io/mirrors/alpine:3.1";
constexpr const char* kCopyAddress = "copy r.io/mirrors/alpine:3.1";

// Upstream 3.1 is an index "a1" of which the wanted platforms are "f1".
class DiffSyncOfPlatforms : public ::testing::Test {
 protected:
  DiffSyncOfPlatforms() {
    scene_.Upstream("alpine:3.1", "a1");
    scene_.List(kMirror);
    Filtered() = MakeDigest("f1");
  }

  absl::StatusOr<Digest>& Filtered() { return scene_.observed.filtered[{0, MakeDigest("a1")}]; }

  // What the mirror's tag names: an index with these platforms, made of that source.
  Manifest& Reduced(const std::string& digest_start, const std::string& source,
                    const std::vector<std::string>& platforms = {"linux/amd64", "linux/arm64/v8"}) {
    scene_.Tag(kTag, digest_start);
    scene_.observed.images.erase({MakeRepository(kMirror), MakeDigest(digest_start)});
    Manifest& index =
        scene_.observed.top_manifests[{MakeRepository(kMirror), MakeDigest(digest_start)}];
    index = {};
    index.is_index = true;
    for (const std::string& platform : platforms) {
      index.children.push_back(
          {.digest = MakeDigest("c0"), .platform = *Platform::Parse(platform)});
    }
    index.annotations[std::string(annotation::kSourceDigest)] = source;
    return index;
  }

  StageDiff Sync() const { return DiffSync(scene_.config, scene_.Wanted(), scene_.observed); }

  Scene scene_{R"(
sync:
  platforms: [linux/amd64, linux/arm64]
  entries:
    - {source: alpine, target: r.io/mirrors/alpine, tag_regex: '^3', check_digest: true}
)"};
};

TEST_F(DiffSyncOfPlatforms, CopyGivesTheFilteredIndex) {
  const StageDiff diff = Sync();
  ASSERT_THAT(Addresses(diff.actions), ElementsAre(kCopyAddress));
  EXPECT_EQ(diff.actions[0].after, DigestText("f1"));
  EXPECT_EQ(diff.actions[0].copy.source.digest, MakeDigest("a1"));
  EXPECT_EQ(diff.actions[0].copy.platforms, scene_.config.sync->entries[0].platforms);
}

TEST_F(DiffSyncOfPlatforms, TellWhatIsWantedAndNoSizeOfTheWhole) {
  ObservedImage& image = scene_.Tag("docker.io/library/alpine:3.1", "a1");
  image.manifest.is_index = true;
  image.platforms.resize(7);
  const StageDiff diff = Sync();
  ASSERT_EQ(diff.actions.size(), 1u);
  EXPECT_FALSE(diff.actions[0].bytes.has_value());
  EXPECT_THAT(diff.actions[0].remarks, ElementsAre("new upstream tag", "2 platforms"));
}

TEST_F(DiffSyncOfPlatforms, AnIndexMadeFromTheSourceIsUpToDateWithoutALookAtTheSource) {
  Reduced("77", DigestText("a1"));
  scene_.observed.filtered.clear();
  const StageDiff diff = Sync();
  EXPECT_THAT(Addresses(diff.actions), IsEmpty());
  EXPECT_THAT(diff.errors, IsEmpty());
}

TEST_F(DiffSyncOfPlatforms, WhatTheSourceLacksIsNotMissedIfTheIndexSaysSo) {
  Manifest& index = Reduced("77", DigestText("a1"), {"linux/amd64"});
  index.annotations[std::string(annotation::kAbsentPlatforms)] = "linux/arm64";
  scene_.observed.filtered.clear();
  const StageDiff diff = Sync();
  EXPECT_THAT(Addresses(diff.actions), IsEmpty());
  EXPECT_THAT(diff.errors, IsEmpty());
}

TEST_F(DiffSyncOfPlatforms, AnIndexOfOtherPlatformsIsMadeAnewThoughUpstreamIsTheSame) {
  for (const std::vector<std::string>& platforms :
       {std::vector<std::string>{"linux/amd64"}, {"linux/amd64", "linux/arm64", "linux/s390x"}}) {
    Reduced("77", DigestText("a1"), platforms);
    const StageDiff diff = Sync();
    ASSERT_THAT(Addresses(diff.actions), ElementsAre(kCopyAddress)) << platforms.size();
    EXPECT_EQ(diff.actions[0].cause, Cause::kPending);
    EXPECT_EQ(diff.actions[0].reason,
              "upstream is still sha256:a1000000; the mirror is made anew for the platforms of the "
              "configuration");
    EXPECT_THAT(diff.actions[0].remarks,
                ElementsAre("platforms as configured", "sha256:77000000 → sha256:f1000000"));
  }
}

TEST_F(DiffSyncOfPlatforms, AnImageThatIsNoIndexIsUpToDateWithoutALookAtTheSource) {
  Reduced("a1", "").is_index = false;
  scene_.observed.filtered.clear();
  const StageDiff diff = Sync();
  EXPECT_THAT(Addresses(diff.actions), IsEmpty());
  EXPECT_THAT(diff.errors, IsEmpty());
}

TEST_F(DiffSyncOfPlatforms, APlaceholderIsAnAbsentTag) {
  const ManifestBytes placeholder = MakePlaceholder("3.1", "unique", false);
  const std::string digest(placeholder.digest.hex());
  Reduced(digest, "") = *ParseManifest(placeholder.media_type, placeholder.content);
  const StageDiff diff = Sync();
  ASSERT_THAT(Addresses(diff.actions), ElementsAre(kCopyAddress));
  EXPECT_EQ(diff.actions[0].operation, Operation::kCreate);
  EXPECT_EQ(diff.actions[0].before, placeholder.digest.str());
}

TEST_F(DiffSyncOfPlatforms, TheFilteredIndexIsUpToDateWhateverItsAnnotation) {
  scene_.Tag(kTag, "f1");
  EXPECT_THAT(Addresses(Sync().actions), IsEmpty());
}

TEST_F(DiffSyncOfPlatforms, TheUnfilteredSourceIsNotUpToDate) {
  Reduced("a1", "").annotations.clear();
  const StageDiff diff = Sync();
  ASSERT_THAT(Addresses(diff.actions), ElementsAre(kCopyAddress));
  EXPECT_EQ(diff.actions[0].cause, Cause::kPending);
  EXPECT_EQ(diff.actions[0].before, DigestText("a1"));
  EXPECT_EQ(diff.actions[0].after, DigestText("f1"));
}

TEST_F(DiffSyncOfPlatforms, AnIndexMadeFromAnOlderSourceIsMadeAgain) {
  Reduced("77", DigestText("a0"));
  const StageDiff diff = Sync();
  ASSERT_THAT(Addresses(diff.actions), ElementsAre(kCopyAddress));
  EXPECT_EQ(diff.actions[0].operation, Operation::kUpdate);
  EXPECT_EQ(diff.actions[0].cause, Cause::kPending) << "no journal knows that upstream moved";
  EXPECT_EQ(diff.actions[0].before, DigestText("77"));
  EXPECT_EQ(diff.actions[0].after, DigestText("f1"));
}

TEST_F(DiffSyncOfPlatforms, AnIndexThatCouldNotBeFilteredIsAnError) {
  for (const bool there : {false, true}) {
    if (there) scene_.Tag(kTag, "77");
    Filtered() = absl::NotFoundError("it has only linux/s390x");
    StageDiff diff = Sync();
    EXPECT_THAT(Addresses(diff.actions), IsEmpty());
    EXPECT_THAT(diff.errors, ElementsAre(HasSubstr("sync.entries[0]: docker.io/library/alpine:3.1: "
                                                   "it has only linux/s390x")));
    scene_.observed.filtered.clear();
    diff = Sync();
    EXPECT_THAT(Addresses(diff.actions), IsEmpty());
    EXPECT_THAT(diff.errors, ElementsAre(HasSubstr("its platforms were not read")));
  }
}

}  // namespace
}  // namespace imglife
