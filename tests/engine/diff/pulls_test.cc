// What copies from Docker Hub take of the pulls that it counts.
#include "engine/diff/pulls.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/observe/read_images.h"
#include "tests/engine/plan/plan_maker.h"
#include "tests/support/fake_registry.h"

namespace imglife {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Repository kAlpine = MakeReference("docker.io/library/alpine:1").repository;
const Repository kNode = MakeReference("docker.io/library/node:1").repository;

TestImage Index(const std::string& name) {
  return MakeIndex({.images = {{.name = name}, {.name = name, .platform = "linux/arm64"}},
                    .attestations = true});
}

class PullsTest : public testing::Test {
 protected:
  void SetUp() override { Limit(kAlpine, 76); }

  void Limit(const Repository& repository, std::int64_t remaining) {
    registry_.AddRepository(repository);
    registry_.SetBudget(repository, {100, remaining, absl::Hours(6)});
  }

  // A copy of the image, which planning has read or only knows the digest of.
  Action Copy(const Repository& source, const std::string& tag, const TestImage& image, bool read) {
    registry_.AddImage(source, tag, image);
    Action copy = MakeCopy("r.io/" + source.path + ":" + tag);
    copy.copy.source = {source, tag, image.manifest.digest};
    if (read) {
      observed_.images.insert_or_assign(ImageKey{source, image.manifest.digest},
                                        ReadImage(*memo_, source, tag));
    }
    return copy;
  }

  Plan Count(std::vector<Action> actions, bool applies_now = false) {
    Plan plan = MakePlanOf(std::move(actions));
    registry_.ForgetCalls();
    CountPulls(observed_, *memo_, applies_now, plan);
    return plan;
  }

  FakeRegistry registry_;
  const std::unique_ptr<RegistryMemo> memo_ = MakeRegistryMemo(registry_);
  Observed observed_;
};

TEST_F(PullsTest, OneForEachManifest) {
  const Plan plan = Count({Copy(kAlpine, "1", Index("a"), true),
                           Copy(kAlpine, "2", MakeImage({.name = "single"}), true)});
  ASSERT_TRUE(plan.pulls.has_value());
  EXPECT_EQ(plan.pulls->registry, "docker.io");
  EXPECT_EQ(plan.pulls->needed, 6) << "an index, two platforms, two attestations, one image";
  EXPECT_FALSE(plan.pulls->at_least);
  EXPECT_EQ(plan.pulls->remaining, 76);
  EXPECT_EQ(plan.pulls->limit, 100);
  EXPECT_EQ(plan.pulls->window, absl::Hours(6));
  EXPECT_THAT(plan.warnings, IsEmpty());
  EXPECT_EQ(registry_.CountCalls(""), 1u) << "one HEAD";
}

TEST_F(PullsTest, OfAFilteredIndexOnlyWhatStays) {
  Action copy = Copy(kAlpine, "1", Index("a"), true);
  copy.copy.platforms = {Platform::Parse("linux/arm64").value()};
  EXPECT_EQ(Count({copy}).pulls->needed, 3) << "an index, one platform, its attestation";
  EXPECT_EQ(registry_.CountCalls("GetManifest"), 0u) << "asking must not be a pull";
}

TEST_F(PullsTest, NamesOfOneDigestCountOnce) {
  const Plan plan =
      Count({Copy(kAlpine, "1", Index("a"), true), Copy(kAlpine, "1.0", Index("a"), true)});
  EXPECT_EQ(plan.pulls->needed, 5);
}

// Whoever applies at once has the image from planning, not what refers to it.
TEST_F(PullsTest, WithReferrersItIsAtLeastThatMany) {
  Action copy = Copy(kAlpine, "1", Index("a"), true);
  copy.copy.referrers = true;
  for (const bool applies_now : {false, true}) {
    const Plan plan = Count({copy}, applies_now);
    ASSERT_TRUE(plan.pulls.has_value());
    EXPECT_EQ(plan.pulls->needed, applies_now ? 0 : 5);
    EXPECT_TRUE(plan.pulls->at_least);
  }
}

TEST_F(PullsTest, AnImageThatWasNotReadTakesAtLeastOne) {
  const Plan plan = Count({Copy(kAlpine, "1", Index("a"), false)});
  EXPECT_EQ(plan.pulls->needed, 1);
  EXPECT_TRUE(plan.pulls->at_least);
}

TEST_F(PullsTest, WhatPlanningHasReadIsNotPulledAgainInTheSameRun) {
  const Action read = Copy(kAlpine, "1", Index("a"), true);
  EXPECT_FALSE(Count({read}, true).pulls.has_value());
  EXPECT_EQ(registry_.CountCalls(""), 0u);
  const Plan plan = Count({read, Copy(kAlpine, "2", Index("b"), false)}, true);
  EXPECT_EQ(plan.pulls->needed, 1);
}

TEST_F(PullsTest, TheScarcestBudgetCountsAndRepositoriesWithoutOneTakeNone) {
  Limit(kNode, 40);
  const Repository sponsored = MakeReference("docker.io/oss/tool:1").repository;
  const Plan plan = Count({Copy(kAlpine, "1", MakeImage({.name = "a"}), true),
                           Copy(kNode, "1", MakeImage({.name = "n"}), true),
                           Copy(sponsored, "1", Index("s"), true)});
  EXPECT_EQ(plan.pulls->needed, 2);
  EXPECT_EQ(plan.pulls->remaining, 40);
  EXPECT_EQ(registry_.CountCalls("Budget"), 3u);
}

TEST_F(PullsTest, WhereNothingIsCountedNothingIsSaid) {
  const Repository sponsored = MakeReference("docker.io/oss/tool:1").repository;
  const Plan plan = Count({Copy(sponsored, "1", Index("s"), true)});
  EXPECT_FALSE(plan.pulls.has_value());
  EXPECT_THAT(plan.warnings, IsEmpty());
}

TEST_F(PullsTest, OtherRegistriesAreNotAsked) {
  const Repository other = MakeReference("ghcr.io/o/app:1").repository;
  Limit(other, 1);
  EXPECT_FALSE(Count({Copy(other, "1", Index("o"), true)}).pulls.has_value());
  EXPECT_EQ(registry_.CountCalls(""), 0u);
}

TEST_F(PullsTest, TooFewAreAWarning) {
  Limit(kAlpine, 4);
  const Plan plan = Count({Copy(kAlpine, "1", Index("a"), true)});
  EXPECT_FALSE(plan.pulls->suffice());
  EXPECT_THAT(
      plan.warnings,
      ElementsAre(AllOf(HasSubstr("docker.io leaves 4 pulls, and these copies take up to 5"),
                        HasSubstr("IMGLIFE_DOCKER_IO_USERNAME"), HasSubstr("--only"))));
  Limit(kAlpine, 5);
  EXPECT_THAT(Count({Copy(kAlpine, "1", Index("a"), true)}).warnings, IsEmpty());
}

TEST_F(PullsTest, ABudgetThatCannotBeReadIsAWarning) {
  const Action copy = Copy(kAlpine, "1", Index("a"), true);
  registry_.Inject({.method = "Budget", .status = absl::UnavailableError("503")});
  const Plan plan = Count({copy});
  EXPECT_FALSE(plan.pulls.has_value());
  EXPECT_THAT(plan.warnings, ElementsAre("how many pulls docker.io leaves can't be read: 503"));
}

TEST_F(PullsTest, BlockedCopiesTakeNone) {
  Action copy = Copy(kAlpine, "1", Index("a"), true);
  copy.blocked = Block{"unsupported", "x"};
  EXPECT_FALSE(Count({copy}).pulls.has_value());
}

}  // namespace
}  // namespace imglife
