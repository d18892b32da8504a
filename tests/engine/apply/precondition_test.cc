#include "engine/apply/precondition.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/observe/image_limits.h"
#include "tests/engine/apply/repositories.h"
#include "tests/support/fake_registry.h"
#include "tests/support/odd_images.h"

namespace imglife {
namespace {

class ManifestsOfTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::vector<ManifestBytes>> Read(const TestImage& image) {
    world_.AddImage(kTarget, "1", image);
    const auto memo = MakeRegistryMemo(world_);
    return ManifestsOf(*memo, kTarget, image.manifest.digest.str());
  }

  FakeRegistry world_;
};

TEST_F(ManifestsOfTest, AreThoseOfAllDepths) {
  EXPECT_EQ(Read(MakeNest(kMaxIndexDepth))->size(), kMaxIndexDepth + 1);
}

TEST_F(ManifestsOfTest, WhatIsNotThereIsLeftOut) {
  EXPECT_EQ(Read(MakeWideIndex(3))->size(), 1u);
}

TEST_F(ManifestsOfTest, AreNoMoreThanAnyImageHas) {
  EXPECT_EQ(Read(MakeNest(kMaxIndexDepth + 1)).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Read(MakeWideIndex(kMaxParts + 1)).status().code(),
            absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace imglife
