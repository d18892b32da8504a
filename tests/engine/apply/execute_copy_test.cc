#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/engine/apply/copy_fixture.h"
#include "tests/support/odd_images.h"

namespace imglife {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ExecuteCopyTest : public CopyTest {
 protected:
  ExecuteCopyTest() { world_.AddImage(kSource, "3", wanted_); }

  ActionResult Copy(const std::string& before) {
    Action action = CopyOf(wanted_, before);
    action.after = after_.str();
    return Execute(action);
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

  const TestImage wanted_ = MakeImage({.name = "wanted"});
  Digest after_ = wanted_.manifest.digest;
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

TEST_F(ExecuteCopyTest, APlaceholderIsNotCopied) {
  const TestImage old = MakeImage({.name = "old"});
  const TestImage placeholder = MakePlaceholderImage("3");
  world_.AddImage(kSource, "3", placeholder);
  world_.AddImage(kTarget, "3", old);
  const ActionResult result = Execute(CopyOf(placeholder, old.manifest.digest.str()));
  EXPECT_EQ(result.state, ResultState::kFailed);
  EXPECT_THAT(result.message, HasSubstr("is no image"));
  EXPECT_EQ(Now(), old.manifest.digest.str());
  EXPECT_THAT(world_.Writes(), IsEmpty());
}

TEST_F(ExecuteCopyTest, ATagThatMovedDuringTheTransferIsNotOverwritten) {
  const TestImage old = MakeImage({.name = "old"});
  const TestImage other = MakeImage({.name = "other"});
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

TEST_F(ExecuteCopyTest, AFailureIsSatisfiedIfSomebodyElseCopiedMeanwhile) {
  for (const bool wanted : {true, false}) {
    world_.RemoveTag(kTarget, "3");
    world_.Inject({.method = "PutManifest", .status = absl::UnavailableError("two at once")});
    world_.OnCall([this, wanted](const RegistryCall& call) {
      if (call.method == "PutManifest") {
        world_.AddImage(kTarget, "3", wanted ? wanted_ : MakeImage({.name = "other"}));
      }
    });
    const ActionResult result = Copy(std::string(kAbsent));
    EXPECT_EQ(result.state, wanted ? ResultState::kSatisfied : ResultState::kFailed);
    EXPECT_EQ(result.message, wanted ? "" : "two at once");
    world_.OnCall(nullptr);
  }
  EXPECT_EQ(journal_.done, 1);
  EXPECT_EQ(journal_.failed, 1);
}

TEST_F(ExecuteCopyTest, WhatIsAlreadyThereCostsNoTransfer) {
  world_.AddImage(kTarget, "3", wanted_);
  EXPECT_EQ(Copy(std::string(kAbsent)).state, ResultState::kSatisfied);
  EXPECT_EQ(world_.CountCalls("GetBlob"), 0u);
  EXPECT_THAT(world_.Writes(), IsEmpty());
}

TEST_F(ExecuteCopyTest, AListThatCannotBeReadIsNoReasonNotToLook) {
  world_.AddImage(kTarget, "3", MakeImage({.name = "other"}));
  world_.Inject({.method = "ListTags", .times = 100});
  EXPECT_EQ(Copy(std::string(kAbsent)).state, ResultState::kBlocked);
  EXPECT_THAT(world_.Writes(), IsEmpty());
}

TEST_F(ExecuteCopyTest, WhatIsNotTheImageOfThePlanOverwritesNothing) {
  const TestImage old = MakeImage({.name = "old"});
  world_.AddImage(kTarget, "3", old);
  after_ = MakeImage({.name = "of another version"}).manifest.digest;
  const ActionResult result = Copy(old.manifest.digest.str());
  EXPECT_EQ(result.state, ResultState::kFailed);
  EXPECT_THAT(result.message, HasSubstr("the plan says " + after_.str()));
  EXPECT_EQ(Now(), old.manifest.digest.str());
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
