// What a registry tells of its tags besides their names: when it is asked, and what it is good for.
#include "gmock/gmock.h"

#include "tests/engine/observe/observe_fixture.h"

namespace imglife {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

const std::string kHubEntry = "source: alpine, target: r.test/mirrors/alpine, ";
constexpr char kDescribe[] = "DescribeTags docker.io/library/alpine";

absl::Time Day(int n) {
  return absl::FromUnixSeconds(1'700'000'000) + absl::Hours(24) * n;
}

std::string Version(int n) {
  return "3." + std::to_string(n);
}

class DescribedTagsTest : public ObserveTest {
 protected:
  TestImage Image(const std::string& name) { return MakeImage({.name = name}); }

  // A source and a mirror of it with the same `count` versions, which the source describes.
  void MirrorVersions(int count) {
    for (int n = 0; n < count; ++n) {
      const TestImage image = Image(Version(n));
      registry_.AddImage(kSource, Version(n), image);
      registry_.AddImage(kMirror, Version(n), image);
      registry_.SetDescribed(kSource, Version(n), {Day(n), image.manifest.digest});
    }
  }

  Observation Check(const std::string& more = "") {
    return Look(SyncText({kHubEntry + "tag_regex: '^3', check_digest: true" + more}),
                {Stage::kSync});
  }
};

TEST_F(DescribedTagsTest, NamesThatSayWhichIsNewerNeedNoDates) {
  MirrorVersions(3);
  registry_.AddImage(kSource, "edge", Image("edge"));
  Look(SyncText({kHubEntry + "tag_regex: '.', keep_last: 3"}), {Stage::kSync});
  EXPECT_THAT(Asked(),
              ElementsAre("ListTags docker.io/library/alpine", "ListTags r.test/mirrors/alpine"));
}

TEST_F(DescribedTagsTest, WordsAreChosenByDate) {
  for (const char* tag : {"edge", "latest", "main"}) registry_.AddImage(kSource, tag, Image(tag));
  registry_.SetPushed(kSource, "edge", Day(1));
  registry_.SetPushed(kSource, "latest", Day(2));
  registry_.SetPushed(kSource, "main", Day(3));
  registry_.SetPushed(kSource, "gone", Day(4));
  const Observation seen =
      Look(SyncText({kHubEntry + "tag_regex: '.', keep_last: 2"}), {Stage::kSync});
  EXPECT_THAT(DescribeMirror(seen.desired, "r.test/mirrors/alpine"),
              ElementsAre("latest <- entry 0: newest 2 of 3 matching tags",
                          "main <- entry 0: newest 2 of 3 matching tags"));
  EXPECT_EQ(registry_.CountCalls("DescribeTags"), 1u);
}

TEST_F(DescribedTagsTest, WordsWithoutDatesAreAnErrorThatSaysWhy) {
  for (const char* tag : {"edge", "latest"}) registry_.AddImage(kSource, tag, Image(tag));
  registry_.Inject(
      {.method = "DescribeTags", .status = absl::UnavailableError("hub.docker.com answers 503")});
  const Observation seen =
      Look(SyncText({kHubEntry + "tag_regex: '.', keep_last: 1"}), {Stage::kSync});
  EXPECT_THAT(seen.desired.errors,
              ElementsAre(AllOf(StartsWith("imglife.yaml:3:7: sync.entries[0]: "),
                                HasSubstr("hub.docker.com answers 503"))));
  EXPECT_THAT(seen.desired.incomplete, ElementsAre(kMirror));
  EXPECT_EQ(registry_.CountCalls("GetManifest"), 0u);
}

TEST_F(DescribedTagsTest, ManyDigestsCostOneDescriptionInsteadOfAHeadEach) {
  MirrorVersions(5);
  const Observation seen = Check();
  EXPECT_THAT(Asked(), Contains(kDescribe));
  EXPECT_EQ(registry_.CountCalls("Resolve", "docker.io/library/alpine"), 0u);
  EXPECT_EQ(registry_.CountCalls("Resolve", "r.test/mirrors/alpine"), 5u);
  for (int n = 0; n < 5; ++n) {
    EXPECT_EQ(seen.observed.DigestOf(kSource, Version(n)), Image(Version(n)).manifest.digest);
  }
}

TEST_F(DescribedTagsTest, AHeadForEachIsAskedWhereThatIsNotMore) {
  MirrorVersions(5);
  for (int n = 0; n < 200; ++n) {
    registry_.AddImage(kSource, "old-" + std::to_string(n), Image("old"));
  }
  Look(SyncText({kHubEntry + "tag_regex: '^3', keep_last: 3, check_digest: true"}), {Stage::kSync});
  EXPECT_THAT(Asked(), Not(Contains(kDescribe))) << "three tags, three pages";
  EXPECT_EQ(registry_.CountCalls("Resolve", "docker.io/library/alpine"), 3u);
  Look(SyncText({kHubEntry + "tag_regex: '^3', keep_last: 4, check_digest: true"}), {Stage::kSync});
  EXPECT_THAT(Asked(), Contains(kDescribe)) << "four tags, three pages";
}

TEST_F(DescribedTagsTest, WhatMovedIsAskedOfTheRegistryItself) {
  MirrorVersions(5);
  // The description is behind: it has what the mirror had before last.
  registry_.SetDescribed(kSource, "3.1", {Day(1), Image("before").manifest.digest});
  // It is ahead of the mirror.
  registry_.AddImage(kSource, "3.2", Image("new"));
  registry_.SetDescribed(kSource, "3.2", {Day(9), Image("new").manifest.digest});
  registry_.SetDescribed(kSource, "3.3", {Day(3), Digest()});
  const Observation seen = Check();
  EXPECT_EQ(registry_.CountCalls("Resolve", "docker.io/library/alpine"), 3u);
  EXPECT_EQ(seen.observed.DigestOf(kSource, "3.1"), Image("3.1").manifest.digest);
  EXPECT_EQ(seen.observed.DigestOf(kSource, "3.2"), Image("new").manifest.digest);
  EXPECT_EQ(seen.observed.DigestOf(kSource, "3.3"), Image("3.3").manifest.digest);
}

TEST_F(DescribedTagsTest, WithoutADescriptionEachTagIsAskedOnce) {
  MirrorVersions(5);
  for (const absl::Status& why :
       {absl::UnavailableError("503"), absl::UnimplementedError("not asked")}) {
    registry_.Inject({.method = "DescribeTags", .status = why});
    const Observation seen = Check();
    EXPECT_EQ(registry_.CountCalls("Resolve", "docker.io/library/alpine"), 5u);
    EXPECT_EQ(seen.observed.DigestOf(kSource, "3.4"), Image("3.4").manifest.digest);
    EXPECT_THAT(seen.desired.errors, IsEmpty()) << "nothing is missing";
  }
}

TEST_F(DescribedTagsTest, AFilteredMirrorIsProvenByItsNote) {
  const std::vector<Platform> arm = {Platform::Parse("linux/arm64").value()};
  for (int n = 0; n < 3; ++n) {
    const TestImage index = MakeIndex(
        {.images = {{.name = Version(n)}, {.name = Version(n), .platform = "linux/arm64"}}});
    TestImage filtered = index;
    filtered.manifest = FilterIndex(index.manifest, arm).value();
    registry_.AddImage(kSource, Version(n), index);
    registry_.AddImage(kMirror, Version(n), filtered);
    registry_.SetDescribed(kSource, Version(n), {Day(n), index.manifest.digest});
  }
  const Observation seen = Check(", platforms: [linux/arm64]");
  EXPECT_THAT(seen.observed.filtered, IsEmpty());
  EXPECT_EQ(registry_.CountCalls("", "docker.io/library/alpine"), 2u) << "a list, a description";
}

TEST_F(DescribedTagsTest, PushTimesOfARepositoryWithRetentionAreItsAges) {
  MirrorVersions(2);
  registry_.SetPushed(kMirror, "3.1", Day(7));
  const Observation seen =
      Look(SyncText({kHubEntry + "tag_regex: '^3'"}) + "retention: {}\n", {Stage::kCleanup});
  const ObservedRepository& there = *seen.observed.FindRepository(kMirror);
  EXPECT_EQ(there.resolved.at("3.1")->pushed, Day(7));
  EXPECT_EQ(there.resolved.at("3.0")->pushed, std::nullopt);
}

// A push while pages are read moves a tag to a page that was read already.
TEST_F(DescribedTagsTest, ATagThatThePagesMissedIsNotAsOldAsItsImage) {
  const auto created = [&](const Observation& seen) {
    return seen.observed.FindImage(kMirror, "3.0")->created;
  };
  ImageSpec old;
  old.created = Day(0);
  registry_.AddImage(kSource, "3.0", MakeImage(old));
  registry_.AddImage(kMirror, "3.0", MakeImage(old));
  const std::string config = SyncText({kHubEntry + "tag_regex: '^3'"}) + "retention: {}\n";
  EXPECT_EQ(created(Look(config, {Stage::kCleanup})), Day(0)) << "no push times at all";
  registry_.SetPushed(kMirror, "gone", Day(7));
  EXPECT_EQ(created(Look(config, {Stage::kCleanup})), std::nullopt);
}

TEST_F(DescribedTagsTest, ARepositoryThatIsNotThereYetHasNoDatesToAskFor) {
  registry_.AddImage(kSource, "3.1", Image("3.1"));
  registry_.Inject({.method = "DescribeTags",
                    .repository = "r.test/mirrors/alpine",
                    .status = absl::NotFoundError("hub.docker.com answers 404")});
  const Observation seen =
      Look(SyncText({kHubEntry + "tag_regex: '^3'"}) + "retention: {}\n", {Stage::kCleanup});
  EXPECT_THAT(seen.desired.errors, IsEmpty());
  EXPECT_THAT(seen.desired.incomplete, IsEmpty());
  EXPECT_EQ(registry_.CountCalls("DescribeTags"), 0U);
}

TEST_F(DescribedTagsTest, NothingIsOldWherePushTimesExistAndCannotBeRead) {
  MirrorVersions(2);
  registry_.Inject({.method = "DescribeTags",
                    .repository = "r.test/mirrors/alpine",
                    .status = absl::UnavailableError("503")});
  const std::string config = SyncText({kHubEntry + "tag_regex: '^3'"}) + "retention: {}\n";
  const Observation seen = Look(config, {Stage::kCleanup});
  EXPECT_THAT(seen.desired.errors,
              ElementsAre(testing::StrEq(
                  "nothing is deleted in r.test/mirrors/alpine: when its tags were pushed "
                  "can't be read: 503")));
  EXPECT_THAT(seen.desired.incomplete, ElementsAre(kMirror));
  const Observation without = Look(config, {Stage::kCleanup});
  EXPECT_THAT(without.desired.errors, IsEmpty()) << "a registry that has none";
}

}  // namespace
}  // namespace imglife
