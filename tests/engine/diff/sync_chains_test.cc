// Mirrors that are copied from mirrors of the same configuration.
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/diff/diff.h"
#include "engine/diff/retention.h"
#include "tests/engine/diff/sync_scene.h"
#include "tests/engine/plan/plan_maker.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kPromoted = R"(
sync:
  entries:
    - {source: alpine, target: r.io/stage, tag_regex: '^3', check_digest: true}
    - {source: r.io/stage, target: r.io/prod, tag: '3.1', check_digest: true}
retention: {keep_last: 0, guard: {min_keep: 0}}
)";

TEST(DiffSyncOfChains, CopiesWhatTheCopyBeforeItMakes) {
  Scene scene(kPromoted);
  scene.Upstream("alpine:3.1", "a1");
  scene.List("r.io/stage");
  scene.List("r.io/prod");
  const StageDiff diff = Sync(scene);
  EXPECT_THAT(diff.errors, IsEmpty());
  ASSERT_THAT(Addresses(diff.actions), ElementsAre("copy r.io/stage:3.1", "copy r.io/prod:3.1"));
  const Action& second = diff.actions[1];
  EXPECT_EQ(second.copy.source.ToString(), "r.io/stage:3.1@" + DigestText("a1"));
  EXPECT_EQ(second.after, DigestText("a1"));
  EXPECT_THAT(second.needs, ElementsAre(Need{"copy r.io/stage:3.1", "it copies what that makes"}));
}

TEST(DiffSyncOfChains, FollowsATagThatIsAboutToMove) {
  Scene scene(kPromoted);
  scene.Upstream("alpine:3.1", "a2");
  scene.Tag("r.io/stage:3.1", "a1");
  scene.Tag("r.io/prod:3.1", "a1");
  const StageDiff diff = Sync(scene);
  ASSERT_THAT(Addresses(diff.actions), ElementsAre("copy r.io/stage:3.1", "copy r.io/prod:3.1"));
  EXPECT_EQ(diff.actions[1].before, DigestText("a1"));
  EXPECT_EQ(diff.actions[1].after, DigestText("a2"));
}

TEST(DiffSyncOfChains, WaitsForNothingWhereTheSourceStays) {
  Scene scene(kPromoted);
  scene.Upstream("alpine:3.1", "a1");
  scene.Tag("r.io/stage:3.1", "a1");
  scene.List("r.io/prod");
  const StageDiff diff = Sync(scene);
  ASSERT_THAT(Addresses(diff.actions), ElementsAre("copy r.io/prod:3.1"));
  EXPECT_THAT(diff.actions[0].needs, IsEmpty());
}

constexpr const char* kWithReferrers = R"(
sync:
  entries:
    - {source: alpine, target: r.io/stage, tag_regex: '^3', check_digest: true}
    - {source: r.io/stage, target: r.io/prod, tag: '3.1', check_digest: true, referrers: true}
)";

// Nobody asked for those: the image in between is another one now.
TEST(DiffSyncOfChains, KnowsNoReferrersOfWhatIsAboutToMoveBack) {
  Scene scene(kWithReferrers);
  scene.Upstream("alpine:3.1", "a2");
  scene.Tag("r.io/stage:3.1", "a1");
  scene.Tag("r.io/prod:3.1", "a2");
  EXPECT_THAT(Addresses(Sync(scene).actions), ElementsAre("copy r.io/stage:3.1"));
}

TEST(DiffSyncOfChains, CopiesThoughTheReferrersOfTheOldImageAreUnreadable) {
  Scene scene(kWithReferrers);
  scene.Upstream("alpine:3.1", "a2");
  scene.Tag("r.io/stage:3.1", "a1");
  scene.Tag("r.io/prod:3.1", "a1");
  for (const char* image : {"a1", "a2"}) {
    scene.observed.missing_referrers[{MakeRepository("r.io/stage"), MakeRepository("r.io/prod"),
                                      MakeDigest(image)}] = absl::UnavailableError("503");
  }
  EXPECT_THAT(Addresses(Sync(scene).actions),
              ElementsAre("copy r.io/stage:3.1", "copy r.io/prod:3.1"));
}

TEST(DiffSyncOfChains, WhatCannotComeCannotBeCopied) {
  Scene scene(kPromoted);
  scene.Upstream("alpine:3.1", "a1");
  scene.Answer("alpine:3.1") = absl::UnavailableError("503");
  scene.List("r.io/stage");
  scene.List("r.io/prod");
  const StageDiff diff = Sync(scene);
  EXPECT_THAT(diff.actions, IsEmpty());
  EXPECT_THAT(diff.errors, testing::Contains(testing::Property(
                               &Problem::operator const std::string&,
                               HasSubstr("r.io/stage:3.1 is not there, and the copy that makes "
                                         "it can't be planned"))));
  EXPECT_THAT(diff.unplanned, testing::Contains(MakeRepository("r.io/prod")));
}

TEST(RetentionOfChains, KeepsWhatAnEntryCopies) {
  Scene scene(R"(
sync:
  entries:
    - {source: alpine, target: localhost:5000/stage, tag: '3.2'}
    - {source: '127.0.0.1:5000/stage', target: localhost:5000/prod, tag: '3.1'}
retention: {keep_last: 0, guard: {min_keep: 0}}
)");
  scene.Upstream("alpine:3.2", "a2");
  for (const char* tag : {"3.0", "3.1", "3.2"}) {
    scene.Tag(std::string("localhost:5000/stage:") + tag, std::string("a") + tag[2]);
  }
  scene.Tag("localhost:5000/prod:3.1", "a1");
  const auto verdicts = JudgeRetention(scene.config, scene.Wanted(), scene.observed, kNow);
  const auto& stage = verdicts.at(MakeRepository("localhost:5000/stage")).tags;
  ASSERT_EQ(stage.size(), 3U);
  EXPECT_TRUE(stage[0].candidate);
  EXPECT_FALSE(stage[1].candidate);
  EXPECT_EQ(stage[1].reason, "sync.entries[1] copies it");
  EXPECT_FALSE(stage[2].candidate);
}

TEST(PlanOfChains, WhatIsBuiltIsCopiedInTheNextRun) {
  Scene scene(R"(
sync:
  entries:
    - {source: alpine, target: r.io/m, tag: '3'}
    - {source: r.io/bases/app, target: r.io/far, tag_regex: '^3'}
build:
  core_version: '1'
  registry: r.io/bases
  images: [{name: app, folder: a, type: core, mirror_image: r.io/m}]
retention: {keep_last: 0, guard: {min_keep: 0}}
)");
  scene.Upstream("alpine:3", "a1");
  scene.Tag("r.io/m:3", "a1");
  scene.Upstream("r.io/bases/app:3-core0", "b0");
  scene.Tag("r.io/bases/app:3-core0", "b0");
  scene.Tag("r.io/far:3-core0", "b0");
  scene.Tag("r.io/far:2-core0", "b1");
  scene.LookAtDeletions();
  const PlanRequest request{.stages = {Stage::kSync, Stage::kBuild, Stage::kCleanup},
                            .policy_now = kNow};
  const Plan plan = MakePlan(scene.config, scene.Wanted(), scene.observed, request).value();
  EXPECT_THAT(Addresses(plan.actions), ElementsAre("build r.io/bases/app:3-core1"));
  EXPECT_THAT(plan.warnings,
              testing::Contains(HasSubstr("r.io/bases/app:3-core1 is built in this run, and "
                                          "copied from there in the next one")));
}

TEST(FollowBuilds, APlaceholderOfWhatIsBuiltIsNoError) {
  Scene scene(R"(
sync:
  entries:
    - {source: alpine, target: r.io/m, tag: '3'}
    - {source: r.io/bases/app, target: r.io/far, tag: 3-core1}
build:
  core_version: '1'
  registry: r.io/bases
  images: [{name: app, folder: a, type: core, mirror_image: r.io/m}]
)");
  scene.Upstream("alpine:3", "a1");
  scene.Tag("r.io/m:3", "a1");
  scene.Tag("r.io/bases/app:3-core1", "dead").placeholder_of = "3-core1";
  scene.List("r.io/far");
  const StageDiff sync = DiffSync(scene.config, scene.Wanted(), scene.observed);
  EXPECT_THAT(sync.errors, testing::IsEmpty());
  EXPECT_THAT(sync.actions, testing::IsEmpty());
  EXPECT_THAT(sync.warnings, testing::Contains(HasSubstr("is not built yet")));
  EXPECT_EQ(sync.unplanned.count(MakeRepository("r.io/far")), 1u);
}

TEST(CleanupOverrides, OneThatMatchesNothingIsAWarning) {
  Scene scene(R"(
sync: {entries: [{source: alpine, target: r.io/m, tag: '3'}]}
retention: {repositories: [{match: zzz, keep_last: 9}, {match: /m$, keep_last: 8}]}
)");
  scene.Upstream("alpine:3", "a1");
  scene.Tag("r.io/m:3", "a1");
  EXPECT_THAT(DiffCleanup(scene.config, scene.Wanted(), scene.observed, kNow).warnings,
              ElementsAre(HasSubstr("retention.repositories[0]: match 'zzz' matches no repository "
                                    "of this configuration, so it changes nothing")));
}

}  // namespace
}  // namespace imglife
