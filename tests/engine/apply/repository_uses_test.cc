// How old what is known of a repository may be when a deletion is judged.
#include "engine/apply/repository_uses.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/plan/action.h"
#include "tests/engine/apply/repositories.h"
#include "tests/support/fake_registry.h"
#include "tests/support/image_maker.h"

namespace imglife {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class RepositoryUsesTest : public ::testing::Test {
 protected:
  RepositoryUsesTest() {
    world_.AddImage(kTarget, "1", before_);
    world_.AddImage(kTarget, "2", MakeImage({.name = "other"}));
  }

  // What the tag names for a deletion that begins now, or kAbsent.
  std::string Named(const std::string& tag) {
    std::string named(kAbsent);
    status_ = uses_.With(kTarget, [&](RepositoryUse& use) {
      const auto at = use.tags().find(tag);
      if (at != use.tags().end()) named = at->second.str();
      // Never a name without what it leads to.
      for (const auto& [name, digest] : use.tags()) EXPECT_NE(use.Find(digest), nullptr) << name;
      return absl::OkStatus();
    });
    return status_.ok() ? named : "unreadable";
  }

  // The next reading takes that long.
  void TakeTime(milliseconds duration) {
    world_.OnCall([this, duration](const RegistryCall& call) {
      if (call.method != "Resolve" || call.argument != "2") return;
      now_ += duration;
      world_.OnCall(nullptr);
    });
  }

  FakeRegistry world_;
  const std::unique_ptr<RegistryMemo> memo_ = MakeRegistryMemo(world_);
  RepositoryUses::Clock::time_point now_;
  RepositoryUses uses_{*memo_, [this] { return now_; }};
  const TestImage before_ = MakeImage({.name = "before"});
  const TestImage after_ = MakeImage({.name = "after"});
  absl::Status status_;
};

TEST_F(RepositoryUsesTest, WhatATagNamesIsAskedAgainAfterASecond) {
  EXPECT_EQ(Named("1"), before_.manifest.digest.str());
  world_.AddImage(kTarget, "1", after_);
  world_.ForgetCalls();
  now_ += seconds(1);
  EXPECT_EQ(Named("1"), before_.manifest.digest.str());
  EXPECT_EQ(world_.CountCalls("Resolve"), 0u);
  now_ += milliseconds(1);
  EXPECT_EQ(Named("1"), after_.manifest.digest.str());
  EXPECT_EQ(world_.CountCalls("Resolve"), 2u);
}

TEST_F(RepositoryUsesTest, AfterAnErrorOfTheWorkAllIsAskedAgain) {
  EXPECT_EQ(Named("1"), before_.manifest.digest.str());
  world_.AddImage(kTarget, "1", after_);
  const absl::Status failed = absl::AbortedError("met something new");
  EXPECT_EQ(uses_.With(kTarget, [&](RepositoryUse&) { return failed; }), failed);
  EXPECT_EQ(Named("1"), after_.manifest.digest.str());
}

TEST_F(RepositoryUsesTest, WhichTagsThereAreIsAskedEachTime) {
  EXPECT_EQ(Named("3"), kAbsent);
  world_.AddImage(kTarget, "3", after_);
  EXPECT_EQ(Named("3"), after_.manifest.digest.str());
  world_.RemoveTag(kTarget, "3");
  EXPECT_EQ(Named("3"), kAbsent);
}

TEST_F(RepositoryUsesTest, AReadingHoldsForTwiceAsLongAsItTook) {
  TakeTime(milliseconds(1500));
  EXPECT_EQ(Named("1"), before_.manifest.digest.str());
  world_.AddImage(kTarget, "1", after_);
  now_ += milliseconds(1500);
  EXPECT_EQ(Named("1"), before_.manifest.digest.str());
  now_ += milliseconds(1);
  EXPECT_EQ(Named("1"), after_.manifest.digest.str());
}

// An answer is as old as the question: the age counts from before the first one.
TEST_F(RepositoryUsesTest, AReadingThatTookLongIsOldWhenItEnds) {
  TakeTime(seconds(6));
  EXPECT_EQ(Named("1"), before_.manifest.digest.str());
  world_.AddImage(kTarget, "1", after_);
  TakeTime(seconds(6));
  EXPECT_EQ(Named("1"), after_.manifest.digest.str());
  world_.AddImage(kTarget, "1", before_);
  EXPECT_EQ(Named("1"), before_.manifest.digest.str());
}

TEST_F(RepositoryUsesTest, ALookThatFailedMakesNothingYoung) {
  Named("1");
  world_.AddImage(kTarget, "1", after_);
  now_ += seconds(6);
  world_.Inject({.method = "Resolve", .argument = "2", .times = 1});
  EXPECT_EQ(Named("1"), "unreadable");
  EXPECT_EQ(Named("1"), after_.manifest.digest.str());
}

// What a run could not read once stays unreadable for it.
TEST_F(RepositoryUsesTest, ALookThatFailedHalfWayLeavesNoGap) {
  Named("1");
  world_.AddImage(kTarget, "3", after_);
  world_.Inject({.method = "GetManifest", .argument = after_.manifest.digest.str(), .times = 1});
  EXPECT_EQ(Named("3"), "unreadable");
  EXPECT_EQ(Named("3"), "unreadable");
}

}  // namespace
}  // namespace imglife
