#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/diff/diff.h"
#include "tests/engine/diff/sync_scene.h"
#include "tests/engine/plan/plan_maker.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

void ExpectNothing(const StageDiff& diff) {
  EXPECT_THAT(Addresses(diff.actions), IsEmpty());
  EXPECT_THAT(diff.errors, IsEmpty());
  EXPECT_THAT(diff.warnings, IsEmpty());
}

TEST(DiffSync, CopiesATagThatTheMirrorLacks) {
  Scene scene(kPlain);
  scene.Upstream("alpine:3.1", "a1");
  scene.Upstream("alpine:3.2", "a2");
  scene.Tag("r.io/mirrors/alpine:3.1", "a1");
  const StageDiff diff = Sync(scene);
  EXPECT_THAT(diff.errors, IsEmpty());
  ASSERT_THAT(Addresses(diff.actions), ElementsAre("copy r.io/mirrors/alpine:3.2"));
  const Action& copy = diff.actions[0];
  EXPECT_EQ(copy.stage, Stage::kSync);
  EXPECT_EQ(copy.operation, Operation::kCreate);
  EXPECT_EQ(copy.cause, Cause::kPending);
  EXPECT_EQ(copy.before, kAbsent);
  EXPECT_EQ(copy.after, DigestText("a2"));
  EXPECT_EQ(copy.copy.source, (Reference{MakeRepository(kSource), "3.2", MakeDigest("a2")}));
  EXPECT_EQ(copy.rule.path, "sync.entries[0]");
  EXPECT_THAT(copy.reason, HasSubstr("the tag is not in the mirror"));
  EXPECT_THAT(copy.remarks, ElementsAre("new upstream tag"));
}

TEST(DiffSync, CopiesIntoARepositoryThatDoesNotExistYet) {
  Scene scene(kPlain);
  scene.Upstream("alpine:3.1", "a1");
  scene.List(kMirror).exists = false;
  EXPECT_THAT(Addresses(Sync(scene).actions), ElementsAre("copy r.io/mirrors/alpine:3.1"));
}

TEST(DiffSync, AsksForNoDigestOfATagThatIsThere) {
  Scene scene(kPlain);
  scene.Upstream("alpine:3.1", "a1");
  scene.Tag("r.io/mirrors/alpine:3.1", "00");
  scene.Answer("alpine:3.1") = absl::UnavailableError("no answer");
  scene.Answer("r.io/mirrors/alpine:3.1") = absl::UnavailableError("no answer");
  ExpectNothing(Sync(scene));
}

TEST(DiffSync, LeavesTagsThatNoEntrySelects) {
  Scene scene(kChecked);
  scene.Upstream("alpine:2.9", "a1");
  scene.Upstream("alpine:3.1", "a2");
  scene.Tag("r.io/mirrors/alpine:2.9", "00");
  scene.Tag("r.io/mirrors/alpine:3.1", "a2");
  ExpectNothing(Sync(scene));
}

TEST(DiffSync, CopiesATagAgainThatUpstreamMovedIfDigestsAreChecked) {
  Scene scene(kChecked);
  scene.Upstream("alpine:3.1", "a1");
  scene.Upstream("alpine:3.2", "a2");
  scene.Tag("r.io/mirrors/alpine:3.1", "00");
  scene.Tag("r.io/mirrors/alpine:3.2", "a2");
  scene.observed.last_written =
      std::map<std::string, Digest>{{"r.io/mirrors/alpine:3.1", MakeDigest("00")}};
  const StageDiff diff = Sync(scene);
  EXPECT_THAT(diff.errors, IsEmpty());
  ASSERT_THAT(Addresses(diff.actions), ElementsAre("copy r.io/mirrors/alpine:3.1"));
  const Action& copy = diff.actions[0];
  EXPECT_EQ(copy.operation, Operation::kUpdate);
  EXPECT_EQ(copy.cause, Cause::kUpstream);
  EXPECT_EQ(copy.before, DigestText("00"));
  EXPECT_EQ(copy.after, DigestText("a1"));
  EXPECT_EQ(copy.copy.source.digest, MakeDigest("a1"));
  EXPECT_EQ(copy.reason, "upstream moved from sha256:00000000 to sha256:a1000000");
}

TEST(DiffSync, ChecksTheDigestIfAnyEntryThatSelectsTheTagAsksForIt) {
  Scene scene(R"(
sync:
  entries:
    - {source: alpine, target: r.io/mirrors/alpine, tag_regex: '^3'}
    - {source: alpine, target: r.io/mirrors/alpine, tag: '3.1', check_digest: true}
)");
  for (const char* tag : {"3.1", "3.2"}) {
    scene.Upstream(std::string("alpine:") + tag, "a1");
    scene.Tag(std::string("r.io/mirrors/alpine:") + tag, "00");
  }
  EXPECT_THAT(Addresses(Sync(scene).actions), ElementsAre("copy r.io/mirrors/alpine:3.1"));
}

TEST(DiffSync, ATagThatIsNotWhatWasWrittenLastHasDrifted) {
  Scene scene(kChecked);
  for (const char* tag : {"3.1", "3.2", "3.3"}) {
    scene.Upstream(std::string("alpine:") + tag, "a1");
    scene.Tag(std::string("r.io/mirrors/alpine:") + tag, "bad");
  }
  scene.observed.last_written = std::map<std::string, Digest>{
      {"r.io/mirrors/alpine:3.1", MakeDigest("a1")},
      {"r.io/mirrors/alpine:3.2", MakeDigest("bad")},
  };
  const StageDiff diff = Sync(scene);
  ASSERT_EQ(diff.actions.size(), 3U);
  const Action& drifted = diff.actions[0];
  EXPECT_EQ(drifted.cause, Cause::kDrift);
  EXPECT_EQ(drifted.operation, Operation::kUpdate);
  EXPECT_EQ(drifted.before, DigestText("bad"));
  EXPECT_EQ(drifted.after, DigestText("a1"));
  EXPECT_EQ(drifted.reason,
            "the mirror has sha256:bad00000, though the last that the journal knows of is "
            "sha256:a1000000; upstream has sha256:a1000000");
  EXPECT_THAT(drifted.remarks,
              ElementsAre("changed elsewhere", "sha256:bad00000 → sha256:a1000000"));
  EXPECT_EQ(diff.actions[1].cause, Cause::kUpstream) << "imglife wrote what is there";
  EXPECT_EQ(diff.actions[2].cause, Cause::kPending) << "nothing is known";
  EXPECT_EQ(diff.actions[2].remarks.front(), "differs from upstream");
  EXPECT_THAT(diff.warnings, IsEmpty());
}

TEST(DiffSync, AnUnreadableJournalIsAWarning) {
  Scene scene(kChecked);
  scene.Upstream("alpine:3.1", "a1");
  scene.Tag("r.io/mirrors/alpine:3.1", "00");
  scene.observed.last_written = absl::PermissionDeniedError("journal.ndjson: not allowed");
  const StageDiff diff = Sync(scene);
  EXPECT_THAT(Addresses(diff.actions), ElementsAre("copy r.io/mirrors/alpine:3.1"));
  EXPECT_THAT(diff.warnings, ElementsAre("whether mirrors were changed elsewhere is not "
                                         "known: journal.ndjson: not allowed"));
}

TEST(DiffSync, TakesAPlaceholderForAnAbsentTag) {
  for (const char* yaml : {kPlain, kChecked}) {
    Scene scene(yaml);
    scene.Upstream("alpine:3.1", "a1");
    scene.Tag("r.io/mirrors/alpine:3.1", "dead").placeholder_of = "3.1";
    const StageDiff diff = Sync(scene);
    ASSERT_THAT(Addresses(diff.actions), ElementsAre("copy r.io/mirrors/alpine:3.1"));
    EXPECT_EQ(diff.actions[0].operation, Operation::kCreate);
    EXPECT_EQ(diff.actions[0].before, DigestText("dead"));
    EXPECT_EQ(diff.actions[0].after, DigestText("a1"));
  }
}

// It would take the place of an image.
TEST(DiffSync, CopiesNoPlaceholderOfUpstream) {
  for (const char* yaml : {kPlain, kChecked}) {
    Scene scene(yaml);
    scene.Upstream("alpine:3.1", "dead");
    scene.Tag("r.io/mirrors/alpine:3.1", "dead").placeholder_of = "3.1";
    const StageDiff diff = Sync(scene);
    EXPECT_THAT(Addresses(diff.actions), IsEmpty());
    ASSERT_EQ(diff.errors.size(), 1u);
    EXPECT_THAT(diff.errors[0].text, HasSubstr("is not there upstream: under that tag is what"));
  }
  Scene scene(kChecked);
  scene.Upstream("alpine:3.1", "dead");
  scene.Tag("alpine:3.1", "dead").placeholder_of = "3.1";
  scene.Tag("r.io/mirrors/alpine:3.1", "a1");
  const StageDiff diff = Sync(scene);
  EXPECT_THAT(Addresses(diff.actions), IsEmpty());
  EXPECT_EQ(diff.errors.size(), 1u);
}

TEST(DiffSync, CopiesEveryNameOfADigest) {
  Scene scene(kPlain);
  scene.Upstream("alpine:3", "a1");
  scene.Upstream("alpine:3.1", "a1");
  scene.List(kMirror);
  const StageDiff diff = Sync(scene);
  ASSERT_THAT(Addresses(diff.actions),
              ElementsAre("copy r.io/mirrors/alpine:3", "copy r.io/mirrors/alpine:3.1"));
  EXPECT_EQ(diff.actions[0].after, DigestText("a1"));
  EXPECT_EQ(diff.actions[1].after, DigestText("a1"));
}

TEST(DiffSync, CopiesAnAliasOfWhatTheMirrorHasUnderAnotherName) {
  Scene scene(kPlain);
  scene.Upstream("alpine:3", "a1");
  scene.Upstream("alpine:3.1", "a1");
  scene.Tag("r.io/mirrors/alpine:3.1", "a1");
  EXPECT_THAT(Addresses(Sync(scene).actions), ElementsAre("copy r.io/mirrors/alpine:3"));
}

TEST(DiffSync, CopiesWhatABuildPinsThoughNoExpressionMatchesIt) {
  Scene scene(R"(
sync:
  entries:
    - {source: alpine, target: r.io/mirrors/alpine, tag_regex: '^3'}
build:
  core_version: 1.0.0
  registry: r.io/bases
  images:
    - {name: old, folder: old, type: core, mirror_image: r.io/mirrors/alpine, mirror_tag: 2.9}
)");
  scene.Upstream("alpine:2.8", "a1");
  scene.Upstream("alpine:2.9", "a2");
  scene.List(kMirror);
  const StageDiff diff = Sync(scene);
  ASSERT_THAT(Addresses(diff.actions), ElementsAre("copy r.io/mirrors/alpine:2.9"));
  EXPECT_EQ(diff.actions[0].reason, "the tag is not in the mirror; pinned by build.images[0]");
  EXPECT_THAT(diff.actions[0].remarks, ElementsAre("pinned by build.images[0]"));
}

TEST(DiffSync, SaysWhichEntryAsksForEachTag) {
  Scene scene(R"(
sync:
  entries:
    - {source: alpine, target: r.io/mirrors/alpine, tag_regex: '^3'}
    - {source: alpine, target: r.io/mirrors/alpine, tag: edge, check_digest: true}
)");
  scene.Upstream("alpine:3.1", "a1");
  scene.Upstream("alpine:edge", "a2");
  scene.Tag("r.io/mirrors/alpine:edge", "00");
  const StageDiff diff = Sync(scene);
  ASSERT_THAT(Addresses(diff.actions),
              ElementsAre("copy r.io/mirrors/alpine:3.1", "copy r.io/mirrors/alpine:edge"));
  EXPECT_EQ(diff.actions[0].copy.entry, 0u);
  EXPECT_EQ(diff.actions[1].copy.entry, 1u);
  EXPECT_EQ(diff.actions[1].rule.path, "sync.entries[1]");
}

TEST(DiffSync, TellsTheSizeAndThePlatformsOfAnIndex) {
  Scene scene(kPlain);
  scene.Upstream("alpine:3.1", "a1");
  scene.List(kMirror);
  ObservedImage& image = scene.Tag("docker.io/library/alpine:3.1", "a1");
  image.manifest.is_index = true;
  image.platforms.resize(2);
  const StageDiff diff = Sync(scene);
  ASSERT_EQ(diff.actions.size(), 1u);
  EXPECT_EQ(diff.actions[0].bytes, 7'400'000);
  EXPECT_THAT(diff.actions[0].remarks, ElementsAre("new upstream tag", "2 platforms", "7.4 MB"));
}

}  // namespace
}  // namespace imglife
