#include "engine/observe/archive_gaps.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/support/fake_registry.h"
#include "tests/support/odd_images.h"
#include "tests/support/referrer_maker.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Repository kMirrored{Repository::Kind::kDistribution, "r.test", "mirrors/alpine"};
const Repository kMirroredArchive{Repository::Kind::kDistribution, "cold.test", "mirrors/alpine"};

class ArchiveGapsTest : public ::testing::Test {
 protected:
  ArchiveGapsTest() {
    for (const Repository& repository : {kMirrored, kMirroredArchive}) {
      world_.AddImage(repository, "3", image_);
      world_.AddImage(repository, "", sbom_);
    }
  }

  absl::StatusOr<ArchiveGaps> Find() {
    world_.ForgetCalls();
    const auto memo = MakeRegistryMemo(world_);
    return FindArchiveGaps(*memo, kMirrored, image_.manifest.digest, world_, kMirroredArchive);
  }

  FakeRegistry world_;
  const TestImage image_ =
      MakeIndex({.images = {{.name = "amd"}, {.name = "arm", .platform = "linux/arm64"}}});
  const TestImage sbom_ = MakeReferrer(image_.ToDescriptor(), "sbom");
};

TEST_F(ArchiveGapsTest, WhatIsAllThereIsWhole) {
  const auto gaps = Find();
  ASSERT_TRUE(gaps.ok()) << gaps.status();
  EXPECT_THAT(gaps->incomplete, IsEmpty());
  EXPECT_TRUE(gaps->IsWhole());
}

TEST_F(ArchiveGapsTest, EveryManifestAndBlobIsLookedFor) {
  std::vector<Digest> parts;
  for (const ManifestBytes& child : image_.children) parts.push_back(child.digest);
  for (const auto& [digest, bytes] : image_.blobs) parts.push_back(digest);
  for (const Digest& part : parts) {
    world_.RemoveContent(kMirroredArchive, part);
    const auto gaps = Find();
    ASSERT_TRUE(gaps.ok()) << gaps.status();
    EXPECT_THAT(gaps->incomplete, ElementsAre(IncompleteCopy{image_.manifest.digest, part}));
    EXPECT_FALSE(gaps->IsWhole());
    world_.AddImage(kMirroredArchive, "3", image_);
  }
}

TEST_F(ArchiveGapsTest, SoAreThoseOfWhatRefersToIt) {
  const Digest layer = sbom_.blobs.begin()->first;
  world_.RemoveContent(kMirroredArchive, layer);
  EXPECT_THAT(Find()->incomplete, ElementsAre(IncompleteCopy{sbom_.manifest.digest, layer}));
}

TEST_F(ArchiveGapsTest, WhatTheArchiveDoesNotListIsMissing) {
  world_.RemoveContent(kMirroredArchive, sbom_.manifest.digest);
  const auto gaps = Find();
  EXPECT_THAT(gaps->incomplete, IsEmpty());
  EXPECT_EQ(gaps->referrers.missing.size(), 1u);
  EXPECT_FALSE(gaps->IsWhole());
}

TEST_F(ArchiveGapsTest, WhatCannotBeAskedIsNeitherThereNorMissing) {
  for (const char* method : {"Resolve", "BlobExists", "ListReferrers"}) {
    world_.Inject({.method = method, .repository = kMirroredArchive.ToString()});
    EXPECT_TRUE(absl::IsUnavailable(Find().status())) << method;
  }
}

TEST_F(ArchiveGapsTest, AnImageThatIsNotCompleteItselfIsNotCompared) {
  world_.RemoveContent(kMirrored, image_.children[0].digest);
  world_.RemoveContent(kMirroredArchive, image_.children[0].digest);
  EXPECT_TRUE(absl::IsNotFound(Find().status()));
}

TEST_F(ArchiveGapsTest, NothingDeeperThanAnyImageIsFollowed) {
  const TestImage nest = MakeNest(100);
  world_.AddImage(kMirrored, "deep", nest);
  const auto memo = MakeRegistryMemo(world_);
  const auto gaps =
      FindArchiveGaps(*memo, kMirrored, nest.manifest.digest, world_, kMirroredArchive);
  EXPECT_EQ(gaps.status().code(), absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace imglife
