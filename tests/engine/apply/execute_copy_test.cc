#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/apply/executors.h"
#include "tests/engine/apply/memory_journal.h"
#include "tests/engine/plan/plan_maker.h"
#include "tests/support/fake_registry.h"
#include "tests/support/image_maker.h"

namespace imglife {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Repository kSource{Repository::Kind::kDistribution, "up.test", "library/alpine"};
const Repository kTarget{Repository::Kind::kDistribution, "r.test", "mirrors/alpine"};

TestImage Image(const std::string& name) {
  ImageSpec spec;
  spec.name = name;
  return MakeImage(spec);
}

class ExecuteCopyTest : public ::testing::Test {
 protected:
  ExecuteCopyTest() { world_.AddImage(kSource, "3", wanted_); }

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
    Action action = MakeCopy("r.test/mirrors/alpine:3");
    action.copy.source = {kSource, "3", wanted_.manifest.digest};
    action.before = before;
    action.after = wanted_.manifest.digest.str();
    return ExecuteCopy(action, context);
  }

  // Somebody else writes the tag while blobs travel.
  void WriteMeanwhile(const TestImage& image) {
    world_.OnCall([this, image](const RegistryCall& call) {
      if (call.method == "PushBlob") world_.AddImage(kTarget, "3", image);
    });
  }

  std::string Now() const {
    const auto tags = world_.Tags(kTarget);
    const auto at = tags.find("3");
    return at == tags.end() ? std::string(kAbsent) : at->second.str();
  }

  FakeRegistry world_;
  MemoryJournal journal_{world_};
  const TestImage wanted_ = Image("wanted");
  std::atomic<bool> stop_{false};
};

TEST_F(ExecuteCopyTest, LooksOnceDirectlyBeforeTheTagAndOnceAfter) {
  EXPECT_EQ(Copy(std::string(kAbsent)).state, ResultState::kOk);
  EXPECT_EQ(Now(), wanted_.manifest.digest.str());
  const std::vector<RegistryCall> calls = world_.Calls();
  ASSERT_GE(calls.size(), 3u);
  const RegistryCall look{"Resolve", kTarget.ToString(), "3"};
  EXPECT_EQ(calls[calls.size() - 3], look);
  EXPECT_EQ(calls[calls.size() - 2].method, "PutManifest");
  EXPECT_EQ(calls[calls.size() - 1], look);
  EXPECT_EQ(world_.CountCalls("Resolve"), 2u);
}

TEST_F(ExecuteCopyTest, ATagThatMovedDuringTheTransferIsNotOverwritten) {
  const TestImage old = Image("old");
  const TestImage other = Image("other");
  for (const bool existed : {false, true}) {
    world_.RemoveTag(kTarget, "3");
    world_.OnCall(nullptr);
    if (existed) world_.AddImage(kTarget, "3", old);
    WriteMeanwhile(other);
    const ActionResult result = Copy(existed ? old.manifest.digest.str() : std::string(kAbsent));
    EXPECT_EQ(result.state, ResultState::kBlocked);
    EXPECT_EQ(result.guard, "drift");
    EXPECT_EQ(Now(), other.manifest.digest.str());
  }
  EXPECT_EQ(journal_.done, 0);
  EXPECT_EQ(journal_.failed, 2);
}

TEST_F(ExecuteCopyTest, WhatSomebodyElseCopiedMeanwhileIsSatisfied) {
  WriteMeanwhile(wanted_);
  EXPECT_EQ(Copy(std::string(kAbsent)).state, ResultState::kSatisfied);
  EXPECT_EQ(journal_.done, 1);
  EXPECT_EQ(journal_.failed, 0);
}

TEST_F(ExecuteCopyTest, WhatIsAlreadyThereCostsNoTransfer) {
  world_.AddImage(kTarget, "3", wanted_);
  EXPECT_EQ(Copy(std::string(kAbsent)).state, ResultState::kSatisfied);
  EXPECT_EQ(world_.CountCalls("GetBlob"), 0u);
  EXPECT_THAT(world_.Writes(), IsEmpty());
}

TEST_F(ExecuteCopyTest, AListThatCannotBeReadIsNoReasonNotToLook) {
  world_.AddImage(kTarget, "3", Image("other"));
  world_.Inject({.method = "ListTags", .times = 100});
  EXPECT_EQ(Copy(std::string(kAbsent)).state, ResultState::kBlocked);
  EXPECT_THAT(world_.Writes(), IsEmpty());
}

TEST_F(ExecuteCopyTest, ATagThatCannotBeReadIsNotWritten) {
  world_.Inject({.method = "Resolve", .times = 100});
  const ActionResult result = Copy(std::string(kAbsent));
  EXPECT_EQ(result.state, ResultState::kFailed);
  EXPECT_EQ(Now(), kAbsent);
}

}  // namespace
}  // namespace imglife
