#include "engine/diff/archives.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/diff/diff.h"
#include "engine/observe/observe_archives.h"
#include "tests/engine/diff/scene.h"
#include "tests/engine/plan/plan_maker.h"

namespace imglife {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Descriptor Note(const std::string& text, const std::string& type = std::string(kArchiveNoteType)) {
  Descriptor note;
  note.artifact_type = type;
  note.annotations[std::string(annotation::kArchivedAt)] = text;
  return note;
}

Descriptor Note(absl::Duration ago) {
  return Note(absl::FormatTime(absl::RFC3339_sec, kNow - ago, absl::UTCTimeZone()));
}

// Archives of r.io/m are in a.io/old/m, for 90 days.
class DiffArchivesTest : public ::testing::Test {
 protected:
  DiffArchivesTest() {
    scene_.List("r.io/m");
    scene_.List("a.io/old/m");
    Capabilities all;
    all.deletes_manifests = true;
    all.untag = UntagMethod::kTag;
    scene_.observed.capabilities.insert_or_assign(Archive(), all);
  }

  static Repository Archive() { return MakeRepository("a.io/old/m"); }

  ObservedImage& Archived(const std::string& tag, const std::string& digest,
                          std::vector<Descriptor> notes) {
    scene_.observed.referrers.insert_or_assign({Archive(), MakeDigest(digest)}, std::move(notes));
    return scene_.Tag("a.io/old/m:" + tag, digest);
  }

  StageDiff Diff(const std::vector<Action>& archiving = {}) {
    scene_.observed.uses.insert_or_assign(Archive(), scene_.UseOf(Archive()));
    return DiffArchives(scene_.config, scene_.Wanted(), scene_.observed, kNow, archiving);
  }

  std::vector<std::string> Expired() const {
    const auto expired = ExpiredArchives(scene_.config, scene_.Wanted(), scene_.observed, kNow);
    return expired.empty() ? std::vector<std::string>() : expired.at(Archive());
  }

  Scene scene_{R"(
sync: {entries: [{source: alpine, target: r.io/m, tag: wanted}]}
retention: {archive: {enabled: true, registry: a.io/old, keep_days: 90}}
)"};
};

TEST_F(DiffArchivesTest, DeletesWhatIsOlderThanKeepDays) {
  Archived("just", "a1", {Note(90 * kDay)});
  Archived("over", "a2", {Note(90 * kDay + absl::Seconds(1))});
  EXPECT_THAT(Expired(), ElementsAre("over"));
  const StageDiff diff = Diff();
  ASSERT_THAT(Addresses(diff.actions), ElementsAre("delete a.io/old/m:over"));
  EXPECT_EQ(diff.actions[0].reason, "archived 90 days ago (archive.keep_days 90)");
  EXPECT_EQ(diff.actions[0].removal.way, DeleteWork::Way::kManifest);
  EXPECT_THAT(diff.warnings, IsEmpty());
}

TEST_F(DiffArchivesTest, CountsFromTheNewestNote) {
  Archived("again", "a1", {Note(300 * kDay), Note(10 * kDay), Note(200 * kDay)});
  EXPECT_THAT(Expired(), IsEmpty());
}

TEST_F(DiffArchivesTest, KeepsWhatHasNoDateAndSaysSo) {
  Archived("none", "a1", {});
  Archived("other", "a2", {Note("2001-01-01T00:00:00Z", "application/vnd.other")});
  Archived("unreadable", "a3", {Note("long ago")});
  const StageDiff diff = Diff();
  EXPECT_THAT(Addresses(diff.actions), IsEmpty());
  EXPECT_THAT(diff.errors, IsEmpty());
  EXPECT_THAT(diff.warnings,
              ElementsAre(HasSubstr("3 tags without a date of archiving (none, …)")));
}

TEST_F(DiffArchivesTest, DeletesWhatAKilledDeletionLeft) {
  Archived("3.21", "dead", {}).placeholder_of = "3.21";
  Archived("3.21.3", "a1", {Note(300 * kDay)});
  EXPECT_THAT(Expired(), ElementsAre("3.21", "3.21.3"));
  const StageDiff diff = Diff();
  ASSERT_THAT(Addresses(diff.actions),
              ElementsAre("delete a.io/old/m:3.21", "delete a.io/old/m:3.21.3"));
  EXPECT_EQ(diff.actions[0].before, DigestText("dead"));
  EXPECT_EQ(diff.actions[0].reason, "left behind by a deletion that was interrupted");
  EXPECT_THAT(diff.warnings, IsEmpty());
}

TEST_F(DiffArchivesTest, KeepsThePlaceholderOfAnotherTagAsAnyImage) {
  Archived("3.21", "dead", {}).placeholder_of = "3.20";
  const StageDiff diff = Diff();
  EXPECT_THAT(Addresses(diff.actions), IsEmpty());
  EXPECT_THAT(diff.warnings, ElementsAre(HasSubstr("1 tag without a date of archiving (3.21)")));
}

TEST_F(DiffArchivesTest, KeepsWhatThisPlanArchivesAgain) {
  Archived("over", "a1", {Note(300 * kDay)});
  Action archiving = MakeArchive("r.io/m:over", "a.io/old/m:over");
  EXPECT_THAT(Addresses(Diff({archiving}).actions), IsEmpty());
  archiving.target = "a.io/old/m:other";
  EXPECT_THAT(Addresses(Diff({archiving}).actions), ElementsAre("delete a.io/old/m:over"));
}

TEST_F(DiffArchivesTest, DeletesOnlyTheNameOfWhatAnotherTagUses) {
  Archived("over", "a1", {Note(300 * kDay)});
  ObservedImage& index = Archived("index", "a2", {Note(kDay)});
  index.manifest.is_index = true;
  index.manifest.children.emplace_back();
  index.manifest.children.back().digest = MakeDigest("a1");
  const StageDiff diff = Diff();
  ASSERT_THAT(Addresses(diff.actions), ElementsAre("delete a.io/old/m:over"));
  EXPECT_EQ(diff.actions[0].removal.way, DeleteWork::Way::kUntag);
}

TEST_F(DiffArchivesTest, AnUnreadableNoteKeepsItsTag) {
  Archived("over", "a1", {Note(300 * kDay)});
  scene_.observed.referrers.insert_or_assign({Archive(), MakeDigest("a1")},
                                             absl::UnavailableError("no answer"));
  const StageDiff diff = Diff();
  EXPECT_THAT(Addresses(diff.actions), IsEmpty());
  EXPECT_THAT(diff.errors, ElementsAre(HasSubstr("a.io/old/m:over stays in the archive")));
}

TEST_F(DiffArchivesTest, AnUnreadableImageKeepsAllOfItsArchive) {
  Archived("over", "a1", {Note(300 * kDay)});
  Archived("other", "a2", {Note(kDay)});
  scene_.observed.images.insert_or_assign({Archive(), MakeDigest("a2")},
                                          absl::UnavailableError("no answer"));
  const StageDiff diff = Diff();
  EXPECT_THAT(Addresses(diff.actions), IsEmpty());
  EXPECT_THAT(diff.errors, ElementsAre(HasSubstr("nothing is deleted in its archive")));
}

TEST_F(DiffArchivesTest, AnUnreadableListIsNotAnEmptyOne) {
  scene_.List("a.io/old/m").status = absl::UnavailableError("no answer");
  const StageDiff diff = Diff();
  EXPECT_THAT(diff.errors, ElementsAre(HasSubstr("nothing is deleted in the archive a.io/old/m")));
}

// Those of the repository that it came from, under the name that it had there.
TEST_F(DiffArchivesTest, KeepsWhatExcludeTagsNames) {
  Archived("0", "a0", {Note(91 * kDay)});
  Archived("1", "a1", {Note(91 * kDay)});
  Archived(ArchiveTag("1", MakeDigest("a2")), "a2", {Note(91 * kDay)});
  Archived("stable-3", "a3", {Note(91 * kDay)});
  RetentionOverride mine{.match = "r.io/m$", .rule = scene_.config.retention->defaults};
  mine.rule.exclude_tags = {"1"};
  mine.rule.exclude_tag_regexes = {"^stable-"};
  RetentionOverride other{.match = "r.io/other$", .rule = scene_.config.retention->defaults};
  other.rule.exclude_tags = {"0"};
  scene_.config.retention->repositories = {other, mine};
  EXPECT_THAT(Expired(), ElementsAre("0"));
  EXPECT_THAT(Addresses(Diff().actions), ElementsAre("delete a.io/old/m:0"));
}

class ArchivedInUse : public DiffArchivesTest {
 protected:
  ArchivedInUse() {
    scene_.config = ReadTestConfig(R"(
sync: {entries: [{source: alpine, target: r.io/m, tag: wanted}]}
build:
  core_version: 1.0.0
  registry: r.io/bases
  images: [{name: app, folder: app, type: core, mirror_image: r.io/m, mirror_tag: wanted}]
retention: {archive: {enabled: true, registry: a.io/old, keep_days: 90}}
)");
    scene_.List("r.io/bases/app");
    scene_.List("a.io/old/bases/app");
    Template("FROM {{.BaseImage}}\n");
    Archived("0", "a0", {Note(91 * kDay)});
    Archived("1", "a1", {Note(91 * kDay)});
  }

  void Template(const std::string& text) {
    scene_.observed.contexts.insert_or_assign(
        0, ObservedContext{.dockerfile_template = text, .files = {}});
  }

  std::map<std::string, std::string>& LabelsOfBuilt() {
    return scene_.Tag("r.io/bases/app:wanted-core1.0.0", "b1").platforms[0].config.labels;
  }

  std::vector<std::string> Deletions() { return Addresses(Diff().actions); }
};

TEST_F(ArchivedInUse, GoesWhereNothingNeedsIt) {
  EXPECT_THAT(Deletions(), ElementsAre("delete a.io/old/m:0", "delete a.io/old/m:1"));
}

TEST_F(ArchivedInUse, StaysWhileAnEntryCopiesIt) {
  SyncEntry entry = scene_.config.sync->entries[0];
  entry.source = MakeRepository("a.io/old/m");
  entry.target = MakeRepository("r.io/again");
  entry.tag = "1";
  scene_.config.sync->entries.push_back(entry);
  scene_.List("r.io/again");
  EXPECT_THAT(Deletions(), ElementsAre("delete a.io/old/m:0"));
}

TEST_F(ArchivedInUse, StaysWhereADockerfileNamesIt) {
  Template("ARG T=0\nFROM a.io/old/m:$T AS tools\nFROM {{.BaseImage}}\n");
  EXPECT_THAT(Deletions(), ElementsAre("delete a.io/old/m:1"));
}

TEST_F(ArchivedInUse, StaysWhereAKeptImageWasBuiltOnIt) {
  LabelsOfBuilt()[std::string(annotation::kBaseName)] = "a.io/old/m:0";
  EXPECT_THAT(Deletions(), ElementsAre("delete a.io/old/m:1"));
  LabelsOfBuilt()[std::string(annotation::kBaseDigest)] = DigestText("a1");
  EXPECT_THAT(Deletions(), IsEmpty());
}

class ArchivedBase : public ArchivedInUse {
 protected:
  // An archived image, that many days ago.
  std::map<std::string, std::string>& LabelsOfArchived(const std::string& tag,
                                                       const std::string& digest, int days) {
    const Repository archive = MakeRepository("a.io/old/bases/app");
    scene_.observed.referrers.insert_or_assign({archive, MakeDigest(digest)},
                                               std::vector<Descriptor>{Note(days * kDay)});
    scene_.observed.uses.insert_or_assign(archive, RepositoryUse());
    return scene_.Tag("a.io/old/bases/app:" + tag, digest).platforms[0].config.labels;
  }

  std::vector<std::string> DeletionsOfBases() {
    std::vector<std::string> addresses = Deletions();
    std::erase_if(addresses, [](const std::string& address) {
      return address.find("a.io/old/m:") == std::string::npos;
    });
    return addresses;
  }
};

TEST_F(ArchivedBase, StaysAsLongAsAnArchivedImageThatWasBuiltOnIt) {
  LabelsOfArchived("1-core", "c1", 90)[std::string(annotation::kBaseDigest)] = DigestText("a1");
  EXPECT_THAT(DeletionsOfBases(), ElementsAre("delete a.io/old/m:0"));
  LabelsOfArchived("1-core", "c1", 91);
  EXPECT_THAT(DeletionsOfBases(), ElementsAre("delete a.io/old/m:0", "delete a.io/old/m:1"));
}

// The name is what it had before it was archived; the digest tells which image was meant.
TEST_F(ArchivedBase, IsFoundByItsFormerName) {
  auto& labels = LabelsOfArchived("1-core", "c1", 90);
  labels["BASE_IMAGE_REF"] = "r.io/m:1";
  EXPECT_THAT(DeletionsOfBases(), ElementsAre("delete a.io/old/m:0"));
  labels[std::string(annotation::kBaseDigest)] = DigestText("ff");
  EXPECT_THAT(DeletionsOfBases(), ElementsAre("delete a.io/old/m:0", "delete a.io/old/m:1"));
}

// The image that stays, the expired one that it was built on, and the base of that.
TEST_F(ArchivedBase, StaysOverAnyNumberOfSteps) {
  LabelsOfArchived("2-core", "c2", 90)[std::string(annotation::kBaseDigest)] = DigestText("c1");
  LabelsOfArchived("1-core", "c1", 91)[std::string(annotation::kBaseDigest)] = DigestText("a1");
  EXPECT_THAT(Deletions(), ElementsAre("delete a.io/old/m:0"));
}

// It stays in the archive.
TEST_F(ArchivedBase, StaysWhereAnImageIsArchivedNow) {
  scene_.config.retention->defaults.keep_last = 0;
  scene_.Tag("r.io/bases/app:old", "b1")
      .platforms[0]
      .config.labels[std::string(annotation::kBaseDigest)] = DigestText("a1");
  ASSERT_EQ(RetentionCandidates(scene_.config, scene_.Wanted(), scene_.observed, kNow).size(), 1u);
  EXPECT_THAT(Deletions(), ElementsAre("delete a.io/old/m:0"));
}

TEST_F(ArchivedBase, StaysWhereAnArchivedImageCannotBeRead) {
  LabelsOfArchived("1-core", "c1", 90);
  scene_.Answer("a.io/old/bases/app:1-core") = absl::UnavailableError("no answer");
  const StageDiff diff = Diff();
  EXPECT_THAT(diff.actions, IsEmpty());
  EXPECT_THAT(diff.errors,
              Contains(HasSubstr("nothing is deleted in the archive a.io/old/m: a.io/old/bases/app "
                                 "could not be read completely")));
}

TEST_F(ArchivedInUse, StaysWhereItCannotBeToldWhatIsNeeded) {
  Template("ARG T\nFROM a.io/old/m:$T AS tools\nFROM {{.BaseImage}}\n");
  StageDiff diff = Diff();
  EXPECT_THAT(diff.actions, IsEmpty());
  EXPECT_THAT(diff.errors, ElementsAre(HasSubstr("nothing is deleted in the archive a.io/old/m")));
  Template("FROM {{.BaseImage}}\n");
  scene_.List("r.io/bases/app").status = absl::UnavailableError("503");
  diff = Diff();
  EXPECT_THAT(diff.actions, IsEmpty());
  EXPECT_THAT(diff.errors, ElementsAre(HasSubstr("r.io/bases/app could not be read completely")));
}

}  // namespace
}  // namespace imglife
