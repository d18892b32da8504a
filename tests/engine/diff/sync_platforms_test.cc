// Entries with `platforms`: what is compared is the filtered index.
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/diff/diff.h"
#include "tests/engine/diff/scene.h"
#include "tests/engine/plan/plan_maker.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kTag = "r.io/mirrors/alpine:3.1";
constexpr const char* kAddress = "copy r.io/mirrors/alpine:3.1";

// Upstream 3.1 is an index "a1" of which the wanted platforms are "f1".
class DiffSyncOfPlatforms : public ::testing::Test {
 protected:
  DiffSyncOfPlatforms() {
    scene_.Upstream("alpine:3.1", "a1");
    scene_.List("r.io/mirrors/alpine");
    Filtered() = MakeDigest("f1");
  }

  absl::StatusOr<Digest>& Filtered() { return scene_.observed.filtered[{0, MakeDigest("a1")}]; }

  // With the platforms that are wanted.
  void NoteSource(ObservedImage& image, const std::string& digest) {
    image.platforms = {{.platform = *Platform::Parse("linux/amd64")},
                       {.platform = *Platform::Parse("linux/arm64/v8")}};
    image.manifest.annotations[std::string(annotation::kSourceDigest)] = digest;
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
  ASSERT_THAT(Addresses(diff.actions), ElementsAre(kAddress));
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
  NoteSource(scene_.Tag(kTag, "77"), DigestText("a1"));
  scene_.observed.filtered.clear();
  const StageDiff diff = Sync();
  EXPECT_THAT(Addresses(diff.actions), IsEmpty());
  EXPECT_THAT(diff.errors, IsEmpty());
}

TEST_F(DiffSyncOfPlatforms, AnIndexOfOtherPlatformsIsNotUpToDate) {
  for (const bool fewer : {true, false}) {
    ObservedImage& image = scene_.Tag(kTag, "77");
    NoteSource(image, DigestText("a1"));
    if (fewer) {
      image.platforms.pop_back();
    } else {
      image.platforms.push_back({.platform = *Platform::Parse("linux/s390x")});
    }
    EXPECT_THAT(Addresses(Sync().actions), ElementsAre(kAddress)) << fewer;
  }
}

TEST_F(DiffSyncOfPlatforms, TheFilteredIndexIsUpToDateWhateverItsAnnotation) {
  scene_.Tag(kTag, "f1");
  EXPECT_THAT(Addresses(Sync().actions), IsEmpty());
}

TEST_F(DiffSyncOfPlatforms, TheUnfilteredSourceIsNotUpToDate) {
  scene_.Tag(kTag, "a1");
  const StageDiff diff = Sync();
  ASSERT_THAT(Addresses(diff.actions), ElementsAre(kAddress));
  EXPECT_EQ(diff.actions[0].before, DigestText("a1"));
  EXPECT_EQ(diff.actions[0].after, DigestText("f1"));
}

TEST_F(DiffSyncOfPlatforms, AnIndexMadeFromAnOlderSourceIsMadeAgain) {
  NoteSource(scene_.Tag(kTag, "77"), DigestText("a0"));
  const StageDiff diff = Sync();
  ASSERT_THAT(Addresses(diff.actions), ElementsAre(kAddress));
  EXPECT_EQ(diff.actions[0].operation, Operation::kUpdate);
  EXPECT_EQ(diff.actions[0].cause, Cause::kUpstream);
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
