// Copies of entries with `referrers`.
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/apply/executors.h"
#include "tests/engine/apply/memory_journal.h"
#include "tests/engine/plan/plan_maker.h"
#include "tests/support/fake_registry.h"
#include "tests/support/referrer_maker.h"

namespace imglife {
namespace {

using ::testing::IsEmpty;

const Repository kSource{Repository::Kind::kDistribution, "up.test", "library/alpine"};
const Repository kTarget{Repository::Kind::kDistribution, "r.test", "mirrors/alpine"};

class ExecuteCopyReferrersTest : public ::testing::Test {
 protected:
  ExecuteCopyReferrersTest() {
    world_.AddImage(kSource, "3", image_);
    world_.AddImage(kSource, "sbom", sbom_);
    world_.RemoveTag(kSource, "sbom");
  }

  ActionResult Copy(const std::string& before) {
    const auto memo = MakeRegistryMemo(world_);
    TagsAtStart at_start(*memo);
    const auto blobs = MakeBlobCopies(*memo, stop_);
    ExecutionContext context;
    context.registry = memo.get();
    context.journal = &journal_;
    context.blobs = blobs.get();
    context.stop = &stop_;
    context.at_start = &at_start;
    context.dry_run = dry_run_;
    Action action = MakeCopy("r.test/mirrors/alpine:3");
    action.copy.source = {kSource, "3", image_.manifest.digest};
    action.copy.referrers = true;
    action.before = before;
    action.after = image_.manifest.digest.str();
    return ExecuteCopy(action, context);
  }

  bool HasSbom() const { return world_.HasManifest(kTarget, sbom_.manifest.digest); }

  const TestImage image_ = MakeImage({.name = "image"});
  const TestImage sbom_ = MakeReferrer(image_.ToDescriptor(), "sbom");
  FakeRegistry world_;
  MemoryJournal journal_{world_};
  std::atomic<bool> stop_{false};
  bool dry_run_ = false;
};

TEST_F(ExecuteCopyReferrersTest, TheNameComesLast) {
  EXPECT_EQ(Copy(std::string(kAbsent)).state, ResultState::kOk);
  EXPECT_TRUE(HasSbom());
  EXPECT_EQ(world_.Writes().back().argument, "3");
}

TEST_F(ExecuteCopyReferrersTest, WithoutThemThereIsNoName) {
  world_.Inject({.method = "PutManifest",
                 .repository = kTarget.ToString(),
                 .argument = sbom_.manifest.digest.str(),
                 .times = 100});
  EXPECT_EQ(Copy(std::string(kAbsent)).state, ResultState::kFailed);
  EXPECT_THAT(world_.Tags(kTarget), IsEmpty());
}

TEST_F(ExecuteCopyReferrersTest, WhatIsMissingIsAddedToAnImageThatIsThere) {
  world_.AddImage(kTarget, "3", image_);
  EXPECT_EQ(Copy(image_.manifest.digest.str()).state, ResultState::kOk);
  EXPECT_TRUE(HasSbom());
  EXPECT_EQ(journal_.done, 1);
  world_.ForgetCalls();
  EXPECT_EQ(Copy(image_.manifest.digest.str()).state, ResultState::kSatisfied);
  EXPECT_THAT(world_.Writes(), IsEmpty());
}

// Somebody else copied the image meanwhile.
TEST_F(ExecuteCopyReferrersTest, ANameAloneIsNotSatisfied) {
  world_.AddImage(kTarget, "3", image_);
  EXPECT_EQ(Copy(std::string(kAbsent)).state, ResultState::kOk);
  EXPECT_TRUE(HasSbom());
}

TEST_F(ExecuteCopyReferrersTest, ATagThatMovedIsDrift) {
  world_.AddImage(kTarget, "3", MakeImage({.name = "other"}));
  EXPECT_EQ(Copy(image_.manifest.digest.str()).state, ResultState::kBlocked);
  EXPECT_THAT(world_.Writes(), IsEmpty());
}

TEST_F(ExecuteCopyReferrersTest, ADryRunWritesNothing) {
  world_.AddImage(kTarget, "3", image_);
  dry_run_ = true;
  EXPECT_EQ(Copy(image_.manifest.digest.str()).message, "would be copied");
  EXPECT_THAT(world_.Writes(), IsEmpty());
}

TEST_F(ExecuteCopyReferrersTest, WhatCannotBeReadIsNotThere) {
  world_.AddImage(kTarget, "3", image_);
  world_.Inject({.method = "ListReferrers", .times = 100});
  EXPECT_EQ(Copy(image_.manifest.digest.str()).state, ResultState::kFailed);
}

}  // namespace
}  // namespace imglife
