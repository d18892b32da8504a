#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/diff/diff.h"
#include "tests/engine/diff/scene.h"
#include "tests/engine/plan/plan_maker.h"

namespace imglife {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kSync = R"(
sync:
  entries: [{source: alpine, target: r.io/m, tag: wanted}]
retention: {keep_last: 0}
)";

constexpr const char* kBuildAlone = R"(
registry: {provider: file}
build:
  core_version: 1.0.0
  registry: r.io/bases
  images: [{name: app, folder: app, type: core, mirror_image: r.io/m, mirror_tag: '3'}]
retention: {keep_last: 0}
)";

StageDiff Cleanup(const Scene& scene) {
  return DiffCleanup(scene.config, scene.Wanted(), scene.observed, kNow);
}

class DiffCleanupOfAMirror : public ::testing::Test {
 protected:
  DiffCleanupOfAMirror() {
    scene_.Tag("r.io/m:1", "a1");
    scene_.Tag("r.io/m:wanted", "a2");
    scene_.LookAtDeletions();
  }

  StageDiff Cleanup() const { return imglife::Cleanup(scene_); }

  void ExpectNothingDeletedBecause(const std::string& error) const {
    const StageDiff diff = Cleanup();
    EXPECT_THAT(Addresses(diff.actions), IsEmpty());
    EXPECT_THAT(diff.errors, ElementsAre(HasSubstr(error)));
  }

  absl::StatusOr<Capabilities>& Can() {
    return scene_.observed.capabilities.at(MakeRepository(kCleanedMirror));
  }

  Scene scene_{kSync};
};

TEST_F(DiffCleanupOfAMirror, DeletesWhatRetentionLetsGo) {
  const StageDiff diff = Cleanup();
  ASSERT_THAT(Addresses(diff.actions), ElementsAre("delete r.io/m:1"));
  const Action& deletion = diff.actions.at(0);
  EXPECT_EQ(deletion.stage, Stage::kCleanup);
  EXPECT_EQ(deletion.operation, Operation::kDelete);
  EXPECT_EQ(deletion.cause, Cause::kExpired);
  EXPECT_EQ(deletion.before, DigestText("a1"));
  EXPECT_EQ(deletion.after, kAbsent);
  EXPECT_EQ(deletion.reason, "beyond the newest 0 (keep_last 0)");
  EXPECT_EQ(deletion.rule.path, "retention");
  EXPECT_FALSE(deletion.blocked.has_value());
  EXPECT_THAT(diff.errors, IsEmpty());
  EXPECT_THAT(diff.warnings, IsEmpty());
}

TEST_F(DiffCleanupOfAMirror, DeletesNothingWithoutARetentionSection) {
  scene_.config.retention.reset();
  EXPECT_THAT(Cleanup().actions, IsEmpty());
}

TEST_F(DiffCleanupOfAMirror, DeletesNothingIfOneTagCannotBeRead) {
  scene_.Answer("r.io/m:wanted") = absl::UnavailableError("no answer");
  ExpectNothingDeletedBecause("r.io/m:wanted could not be read");
}

TEST_F(DiffCleanupOfAMirror, DeletesNothingIfTheListCannotBeRead) {
  scene_.List(kCleanedMirror).status = absl::UnavailableError("no answer");
  ExpectNothingDeletedBecause("r.io/m could not be read");
}

TEST_F(DiffCleanupOfAMirror, DeletesNothingWhoseReferrersCannotBeRead) {
  auto& referrers =
      scene_.observed.referrers.at({MakeRepository(kCleanedMirror), MakeDigest("a1")});
  referrers = absl::UnavailableError("no answer");
  ExpectNothingDeletedBecause(
      "r.io/m:1 is not deleted, as what refers to it could not be read: no answer");
  scene_.observed.referrers.clear();
  ExpectNothingDeletedBecause("what refers to it could not be read: it was not asked");
}

TEST_F(DiffCleanupOfAMirror, DeletesNothingIfItIsNotKnownWhatTheRegistryCanDo) {
  Can() = absl::UnavailableError("no answer");
  ExpectNothingDeletedBecause("nothing is deleted in r.io/m: no answer");
  scene_.observed.capabilities.clear();
  ExpectNothingDeletedBecause("r.io/m:1 is not deleted: what its registry can do was not asked");
}

TEST_F(DiffCleanupOfAMirror, PlansForThoseWhoMayOnlyRead) {
  for (const absl::Status& status :
       {absl::PermissionDeniedError("403"), absl::UnauthenticatedError("401")}) {
    Can() = status;
    const StageDiff diff = Cleanup();
    EXPECT_THAT(Addresses(diff.actions), ElementsAre("delete r.io/m:1"));
    EXPECT_FALSE(diff.actions.at(0).blocked.has_value());
    EXPECT_THAT(diff.errors, IsEmpty());
    EXPECT_THAT(diff.warnings, ElementsAre(HasSubstr("these credentials may not delete")));
  }
}

TEST_F(DiffCleanupOfAMirror, BlocksWhatTheRegistryCannotDelete) {
  Can()->deletes_manifests = false;
  Can()->untag = UntagMethod::kNone;
  Can()->why_not = "deletion is disabled (405)";
  StageDiff diff = Cleanup();
  ASSERT_THAT(Addresses(diff.actions), ElementsAre("delete r.io/m:1"));
  ASSERT_TRUE(diff.actions.at(0).blocked.has_value());
  EXPECT_EQ(diff.actions.at(0).blocked->guard, "unsupported");
  EXPECT_THAT(diff.actions.at(0).blocked->reason, HasSubstr("deletion is disabled (405)"));
  Can()->why_not.clear();
  diff = Cleanup();
  EXPECT_EQ(diff.actions.at(0).blocked.value().reason, "this registry can't delete tags");
}

TEST_F(DiffCleanupOfAMirror, NeedsOneOfTheWaysOnly) {
  Can()->untag = UntagMethod::kNone;
  EXPECT_FALSE(Cleanup().actions.at(0).blocked.has_value());
  Can()->untag = UntagMethod::kTagReference;
  Can()->deletes_manifests = false;
  EXPECT_FALSE(Cleanup().actions.at(0).blocked.has_value());
  // Without a way to remove a name alone, a digest that another tag has must stay.
  Can()->untag = UntagMethod::kNone;
  Can()->deletes_manifests = true;
  scene_.Tag("r.io/m:wanted-too", "a1");
  scene_.observed.uses.insert_or_assign(MakeRepository(kCleanedMirror),
                                        scene_.UseOf(MakeRepository(kCleanedMirror)));
  EXPECT_EQ(Cleanup().actions.at(0).blocked.value().guard, "unsupported");
}

TEST_F(DiffCleanupOfAMirror, DeletesPlaceholders) {
  scene_.Tag("r.io/m:2", "dead").placeholder_of = "2";
  scene_.LookAtDeletions();
  const StageDiff diff = Cleanup();
  ASSERT_THAT(Addresses(diff.actions), ElementsAre("delete r.io/m:1", "delete r.io/m:2"));
  EXPECT_EQ(diff.actions.at(1).before, DigestText("dead"));
  EXPECT_EQ(diff.actions.at(1).reason, "left behind by a deletion that was interrupted");
}

TEST(DiffCleanup, DeletesNothingWhereWhatIsWantedIsNotKnown) {
  Scene scene(R"(
sync:
  entries:
    - {source: alpine, target: r.io/m, tag_regex: '^3'}
    - {source: debian, target: r.io/debian, tag: wanted}
retention: {keep_last: 0}
)");
  scene.UpstreamFails("alpine", absl::UnavailableError("no answer"));
  scene.Tag("r.io/m:1", "a1");
  scene.Tag("r.io/debian:1", "b1");
  scene.LookAtDeletions();
  const StageDiff diff = Cleanup(scene);
  EXPECT_THAT(Addresses(diff.actions), ElementsAre("delete r.io/debian:1"));
  EXPECT_THAT(diff.warnings, ElementsAre(HasSubstr("nothing is deleted in r.io/m: what the "
                                                   "configuration wants there could not be")));
}

class DiffCleanupOfBases : public ::testing::Test {
 protected:
  DiffCleanupOfBases() {
    scene_.Tag("r.io/bases/app:1", "b1");
    scene_.LookAtDeletions();
  }

  Scene scene_{kBuildAlone};
};

TEST_F(DiffCleanupOfBases, AreBlockedWithoutTheRecords) {
  scene_.observed.records_status = absl::UnavailableError("no answer");
  const StageDiff diff = Cleanup(scene_);
  ASSERT_THAT(Addresses(diff.actions), ElementsAre("delete r.io/bases/app:1"));
  ASSERT_TRUE(diff.actions.at(0).blocked.has_value());
  EXPECT_EQ(diff.actions.at(0).blocked->guard, "build_records");
  EXPECT_THAT(diff.actions.at(0).blocked->reason, HasSubstr("no answer"));
}

TEST_F(DiffCleanupOfBases, AreFreeWithRecordsThatNameNone) {
  const StageDiff diff = Cleanup(scene_);
  ASSERT_THAT(Addresses(diff.actions), ElementsAre("delete r.io/bases/app:1"));
  EXPECT_FALSE(diff.actions.at(0).blocked.has_value());
  EXPECT_THAT(diff.warnings, IsEmpty());
}

TEST_F(DiffCleanupOfBases, AreFreeWithAWarningIfNoRecordsAreKept) {
  scene_.config.package_registry.reset();
  scene_.observed.records_status = absl::UnavailableError("nobody asked");
  const StageDiff diff = Cleanup(scene_);
  ASSERT_THAT(Addresses(diff.actions), ElementsAre("delete r.io/bases/app:1"));
  EXPECT_FALSE(diff.actions.at(0).blocked.has_value());
  EXPECT_THAT(diff.warnings, ElementsAre(HasSubstr("there are no build records")));
}

TEST_F(DiffCleanupOfBases, AreFreeWithAWarningIfNobodyTellsWhichRepositoriesThereAre) {
  scene_.observed.orphans_untold = absl::UnimplementedError("403: no catalog for you");
  const StageDiff diff = Cleanup(scene_);
  ASSERT_THAT(Addresses(diff.actions), ElementsAre("delete r.io/bases/app:1"));
  EXPECT_THAT(diff.warnings,
              ElementsAre(AllOf(HasSubstr("which repositories there are below r.io/bases"),
                                HasSubstr("403: no catalog for you"))));
}

TEST(DiffCleanup, MirrorsAreFreeThoughTheRecordsOfBasesCannotBeRead) {
  Scene scene(std::string(kBuildAlone) +
              "sync: {entries: [{source: alpine, target: r.io/m, tag: wanted}]}\n");
  scene.observed.records_status = absl::UnavailableError("no answer");
  scene.Tag("r.io/m:1", "a1");
  scene.List("r.io/bases/app");
  scene.LookAtDeletions();
  const StageDiff diff = Cleanup(scene);
  ASSERT_THAT(Addresses(diff.actions), ElementsAre("delete r.io/m:1"));
  EXPECT_FALSE(diff.actions.at(0).blocked.has_value());
}

}  // namespace
}  // namespace imglife
