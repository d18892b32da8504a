// Copies of entries with `referrers`.
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/engine/apply/copy_fixture.h"
#include "tests/support/referrer_maker.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ExecuteCopyReferrersTest : public CopyTest {
 protected:
  ExecuteCopyReferrersTest() {
    world_.AddImage(kSource, "3", image_);
    world_.AddImage(kSource, "sbom", sbom_);
    world_.RemoveTag(kSource, "sbom");
  }

  ActionResult Copy(const std::string& before) {
    Action action = CopyOf(image_, before);
    action.copy.referrers = true;
    return Execute(action);
  }

  bool HasSbom() const { return world_.HasManifest(kTarget, sbom_.manifest.digest); }

  const TestImage image_ = MakeImage({.name = "image"});
  const TestImage sbom_ = MakeReferrer(image_.ToDescriptor(), "sbom");
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

TEST_F(ExecuteCopyReferrersTest, ASignatureThatIsOverwrittenIsInTheJournalFirst) {
  const std::string tag = TagOf(image_.manifest.digest, ".sig");
  const TestImage first = MakeSignatures({"alice"});
  world_.AddImage(kTarget, tag, first);
  world_.AddImage(kSource, tag, MakeSignatures({"alice", "bob"}));
  world_.AddImage(kTarget, "3", image_);
  world_.OnCall([&](const RegistryCall& call) {
    if (call.method != "PutManifest" || call.argument != tag) return;
    EXPECT_THAT(journal_.kept, ElementsAre(first.manifest.digest));
    EXPECT_EQ(journal_.addresses.back(), "copy r.test/mirrors/alpine:" + tag);
  });
  EXPECT_EQ(Copy(image_.manifest.digest.str()).state, ResultState::kOk);
  EXPECT_EQ(world_.Tags(kTarget).at(tag), MakeSignatures({"alice", "bob"}).manifest.digest);
  EXPECT_EQ(journal_.done, 2) << "of the tag and of the image";
}

// No plan can warn of what the copy before this one has just brought to the source.
TEST_F(ExecuteCopyReferrersTest, ASignatureThatCannotBeReplacedIsTold) {
  const std::string tag = TagOf(image_.manifest.digest, ".sig");
  const TestImage own = MakeSignatures({"our own"});
  world_.AddImage(kSource, tag, MakeSignatures({"alice"}));
  world_.AddImage(kTarget, tag, own);
  const auto says = HasSubstr("r.test/mirrors/alpine:" + tag + " has something of its own");
  const ActionResult copied = Copy(std::string(kAbsent));
  EXPECT_EQ(copied.state, ResultState::kOk);
  EXPECT_THAT(copied.message, says);
  EXPECT_TRUE(HasSbom());
  EXPECT_EQ(world_.Tags(kTarget).at(tag), own.manifest.digest);

  world_.ForgetCalls();
  const ActionResult again = Copy(image_.manifest.digest.str());
  EXPECT_EQ(again.state, ResultState::kSatisfied) << "there was nothing that could be copied";
  EXPECT_THAT(again.message, says);
  EXPECT_THAT(world_.Writes(), IsEmpty());

  world_.RemoveContent(kTarget, sbom_.manifest.digest);
  const ActionResult completed = Copy(image_.manifest.digest.str());
  EXPECT_EQ(completed.state, ResultState::kOk);
  EXPECT_THAT(completed.message, says);
}

// Somebody else copied the image meanwhile.
TEST_F(ExecuteCopyReferrersTest, ANameAloneIsNotSatisfied) {
  world_.AddImage(kTarget, "3", image_);
  EXPECT_EQ(Copy(std::string(kAbsent)).state, ResultState::kOk);
  EXPECT_TRUE(HasSbom());
}

TEST_F(ExecuteCopyReferrersTest, AFailureIsSatisfiedOnlyIfTheyAreThereToo) {
  for (const bool all : {false, true}) {
    world_.RemoveTag(kTarget, "3");
    world_.Inject({.method = "PutManifest", .argument = "3"});
    world_.OnCall([this, all](const RegistryCall& call) {
      if (call.method != "PutManifest" || call.argument != "3") return;
      world_.AddImage(kTarget, "3", image_);
      if (!all) world_.RemoveContent(kTarget, sbom_.manifest.digest);
    });
    EXPECT_EQ(Copy(std::string(kAbsent)).state,
              all ? ResultState::kSatisfied : ResultState::kFailed);
    world_.OnCall(nullptr);
  }
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
