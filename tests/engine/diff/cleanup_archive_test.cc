// Archive copies before deletions, and how long they stay.
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/diff/diff.h"
#include "engine/observe/observe_archives.h"
#include "engine/plan/graph.h"
#include "tests/engine/diff/scene.h"
#include "tests/engine/plan/plan_maker.h"

namespace imglife {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kArchive = "archive.io/old/team/m";
constexpr const char* kArchived = "archive.io/old/team/m:1";
constexpr const char* kArchivedAside = "archive.io/old/team/m:1-a10000000000";
constexpr const char* kArchiving = "archive archive.io/old/team/m:1";
constexpr const char* kArchivingAside = "archive archive.io/old/team/m:1-a10000000000";
constexpr const char* kDeleting = "delete r.io/team/m:1";

class DiffCleanupWithArchive : public ::testing::Test {
 protected:
  DiffCleanupWithArchive() {
    scene_.Tag("r.io/team/m:1", "a1");
    scene_.LookAtDeletions();
  }

  // A tag of the archive, with a note of when it was put there.
  void Has(const char* reference, const std::string& digest_start,
           absl::Duration ago = absl::Hours(1)) {
    scene_.Tag(reference, digest_start);
    Descriptor note;
    note.artifact_type = std::string(kArchiveNoteType);
    note.annotations[std::string(annotation::kArchivedAt)] =
        absl::FormatTime(absl::RFC3339_sec, kNow - ago, absl::UTCTimeZone());
    Notes(digest_start) = std::vector<Descriptor>{note};
    Lacks(digest_start) = ArchiveGaps();
    Capabilities all;
    all.deletes_manifests = true;
    scene_.observed.capabilities.insert_or_assign(MakeRepository(kArchive), all);
    scene_.observed.uses.insert_or_assign(MakeRepository(kArchive),
                                          scene_.UseOf(MakeRepository(kArchive)));
  }

  absl::StatusOr<std::vector<Descriptor>>& Notes(const std::string& digest_start) {
    return scene_.observed.referrers[{MakeRepository(kArchive), MakeDigest(digest_start)}];
  }

  // What the archive lacks of the image.
  absl::StatusOr<ArchiveGaps>& Lacks(const std::string& digest_start) {
    return scene_.observed.archive_gaps[{MakeRepository("r.io/team/m"), MakeRepository(kArchive),
                                         MakeDigest(digest_start)}];
  }

  StageDiff Cleanup() const {
    return DiffCleanup(scene_.config, scene_.Wanted(), scene_.observed, kNow);
  }

  Scene scene_{R"(
sync:
  entries: [{source: alpine, target: r.io/team/m, tag: wanted}]
retention: {keep_last: 0, archive: {enabled: true, registry: archive.io/old, keep_days: 90}}
)"};
};

TEST_F(DiffCleanupWithArchive, CopiesTheTagAway) {
  const StageDiff diff = Cleanup();
  ASSERT_THAT(Addresses(diff.actions), ElementsAre(kArchiving, kDeleting));
  const Action& archive = diff.actions.at(0);
  EXPECT_EQ(archive.stage, Stage::kCleanup);
  EXPECT_EQ(archive.operation, Operation::kCreate);
  EXPECT_EQ(archive.cause, Cause::kExpired);
  EXPECT_EQ(archive.before, kAbsent);
  EXPECT_EQ(archive.after, DigestText("a1"));
  EXPECT_EQ(archive.copy.source.ToString(), "r.io/team/m:1@" + DigestText("a1"));
  EXPECT_EQ(archive.bytes, 7'400'000);
  EXPECT_THAT(archive.copy.platforms, IsEmpty());
}

TEST_F(DiffCleanupWithArchive, DeletesOnlyAfterTheCopy) {
  StageDiff diff = Cleanup();
  ConnectActions(diff.actions);
  EXPECT_THAT(diff.actions.at(0).needs, IsEmpty());
  EXPECT_THAT(diff.actions.at(1).needs, Contains(Field(&Need::address, kArchiving)));
}

TEST_F(DiffCleanupWithArchive, CopiesNothingThatIsThereAlready) {
  Has(kArchived, "a1");
  EXPECT_THAT(Addresses(Cleanup().actions), ElementsAre(kDeleting));
}

TEST_F(DiffCleanupWithArchive, CopiesWhatRefersToItAlsoIfTheImageIsThereAlready) {
  Has(kArchived, "a1");
  Lacks("a1")->referrers.missing.push_back({MakeDigest("51"), "sha256-a1.sig", "", {}});
  const StageDiff diff = Cleanup();
  ASSERT_THAT(Addresses(diff.actions), ElementsAre(kArchiving, kDeleting));
  const Action& archive = diff.actions.at(0);
  EXPECT_EQ(archive.operation, Operation::kUpdate);
  EXPECT_TRUE(archive.copy.referrers);
  ASSERT_EQ(archive.details.size(), 1u);
  EXPECT_EQ(archive.details[0].text, "signature sha256:51000000");
}

TEST_F(DiffCleanupWithArchive, CopiesWhatIsThereByNameAndNotWhole) {
  Has(kArchived, "a1");
  Lacks("a1")->incomplete.push_back({MakeDigest("a1"), MakeDigest("c1")});
  StageDiff diff = Cleanup();
  ASSERT_THAT(Addresses(diff.actions), ElementsAre(kArchiving, kDeleting));
  const Action& archive = diff.actions.at(0);
  EXPECT_EQ(archive.operation, Operation::kUpdate);
  EXPECT_EQ(archive.before, DigestText("a1"));
  EXPECT_EQ(archive.after, DigestText("a1"));
  ASSERT_EQ(archive.details.size(), 1u);
  EXPECT_EQ(archive.details[0].text,
            "sha256:c1000000 of sha256:a1000000, which is gone from the archive");
  ConnectActions(diff.actions);
  EXPECT_THAT(diff.actions.at(1).needs, Contains(Field(&Need::address, kArchiving)));
}

// Else it would expire soon after the tag went.
TEST_F(DiffCleanupWithArchive, DatesACopyAnewThatWasMadeADayAgo) {
  Has(kArchived, "a1", kDay);
  EXPECT_THAT(Addresses(Cleanup().actions), ElementsAre(kDeleting));
  Has(kArchived, "a1", kDay + absl::Seconds(1));
  const StageDiff diff = Cleanup();
  ASSERT_THAT(Addresses(diff.actions), ElementsAre(kArchiving, kDeleting));
  EXPECT_EQ(diff.actions.at(0).operation, Operation::kUpdate);
  // Of a short time to keep it a tenth.
  scene_.config.retention->archive.keep_days = 1;
  Has(kArchived, "a1", absl::Hours(2));
  EXPECT_THAT(Addresses(Cleanup().actions), ElementsAre(kDeleting));
  Has(kArchived, "a1", absl::Hours(3));
  EXPECT_THAT(Addresses(Cleanup().actions), ElementsAre(kArchiving, kDeleting));
}

TEST_F(DiffCleanupWithArchive, DeletesNothingWhoseSignaturesWouldBeLost) {
  Has(kArchived, "a1");
  Lacks("a1")->referrers.conflicts.push_back("sha256-a1.sig stays as it is");
  StageDiff diff = Cleanup();
  EXPECT_THAT(Addresses(diff.actions), IsEmpty());
  EXPECT_THAT(diff.errors, ElementsAre(HasSubstr("can't be archived: sha256-a1.sig stays")));
  Lacks("a1") = absl::UnavailableError("no answer");
  diff = Cleanup();
  EXPECT_THAT(Addresses(diff.actions), IsEmpty());
  EXPECT_THAT(diff.errors, ElementsAre(HasSubstr("can't be archived: no answer")));
}

TEST_F(DiffCleanupWithArchive, DeletesNothingOfWhichAPartCannotBeArchived) {
  Descriptor artifact = MakeDescriptor("0a");
  artifact.media_type = "application/vnd.cncf.oras.artifact.manifest.v1+json";
  scene_.observed.unreadable_referrers[{MakeRepository("r.io/team/m"), MakeDigest("a1")}] = {
      artifact, MakeDescriptor("0b")};
  StageDiff diff = Cleanup();
  EXPECT_THAT(Addresses(diff.actions), IsEmpty());
  EXPECT_THAT(diff.errors,
              ElementsAre(HasSubstr("r.io/team/m:1 is not deleted, as it can't be archived: "
                                    "r.io/team/m@" +
                                    DigestText("0a") +
                                    " refers to it, and 1 more, of a kind that imglife can't copy "
                                    "(application/vnd.cncf.oras.artifact.manifest.v1+json)")));
  scene_.config.retention->archive.enabled = false;
  diff = Cleanup();
  EXPECT_THAT(Addresses(diff.actions), ElementsAre(kDeleting));
  EXPECT_THAT(diff.errors, IsEmpty());
}

// Its image stays, so the other name goes alone and frees nothing.
TEST_F(DiffCleanupWithArchive, WhatCannotBeArchivedCountsForTheDeletionsAfterIt) {
  scene_.Tag("r.io/team/m:2", "a1");
  scene_.LookAtDeletions();
  Has(kArchived, "ff");
  Has(kArchivedAside, "fe");
  const StageDiff diff = Cleanup();
  EXPECT_THAT(diff.errors, ElementsAre(HasSubstr("r.io/team/m:1 is not deleted")));
  ASSERT_EQ(diff.actions.back().target, "r.io/team/m:2");
  EXPECT_EQ(diff.actions.back().removal.way, DeleteWork::Way::kUntag);
  EXPECT_FALSE(diff.actions.back().removal.frees);
}

TEST_F(DiffCleanupWithArchive, PutsItAsideOfAnotherImageOfThatName) {
  Has(kArchived, "ff");
  StageDiff diff = Cleanup();
  ASSERT_THAT(Addresses(diff.actions), ElementsAre(kArchivingAside, kDeleting));
  EXPECT_EQ(diff.actions.at(0).before, kAbsent);
  ConnectActions(diff.actions);
  EXPECT_THAT(diff.actions.at(1).needs, Contains(Field(&Need::address, kArchivingAside)));
  Has(kArchivedAside, "a1");
  EXPECT_THAT(Addresses(Cleanup().actions), ElementsAre(kDeleting));
}

TEST_F(DiffCleanupWithArchive, OverwritesWhatAKilledDeletionLeftInTheArchive) {
  Has(kArchived, "dead");
  Notes("dead") = std::vector<Descriptor>();
  scene_.Image(kArchive, "dead").placeholder_of = "1";
  const StageDiff diff = Cleanup();
  ASSERT_THAT(Addresses(diff.actions), ElementsAre(kArchiving, kDeleting));
  EXPECT_EQ(diff.actions.at(0).operation, Operation::kCreate);
  EXPECT_EQ(diff.actions.at(0).before, DigestText("dead"));
  EXPECT_EQ(diff.actions.at(0).after, DigestText("a1"));
}

TEST_F(DiffCleanupWithArchive, DeletesNothingIfBothNamesAreTaken) {
  Has(kArchived, "ff");
  Has(kArchivedAside, "fe");
  const StageDiff diff = Cleanup();
  EXPECT_THAT(Addresses(diff.actions), IsEmpty());
  EXPECT_THAT(diff.errors, ElementsAre(HasSubstr("r.io/team/m:1 is not deleted")));
}

TEST_F(DiffCleanupWithArchive, DeletesNothingIfTheArchivedTagCannotBeRead) {
  for (const char* reference : {kArchived, kArchivedAside}) {
    Has(kArchived, "ff");
    Has(reference, "ff");
    scene_.Answer(reference) = absl::UnavailableError("no answer");
    const StageDiff diff = Cleanup();
    EXPECT_THAT(Addresses(diff.actions), IsEmpty());
    EXPECT_THAT(diff.errors, Contains(HasSubstr("r.io/team/m:1 is not deleted")));
  }
}

TEST_F(DiffCleanupWithArchive, DeletesNothingIfTheArchiveCannotBeRead) {
  scene_.List(kArchive).status = absl::UnavailableError("no answer");
  StageDiff diff = Cleanup();
  EXPECT_THAT(Addresses(diff.actions), IsEmpty());
  EXPECT_THAT(diff.errors, Contains(HasSubstr("r.io/team/m:1 is not deleted")));
  scene_.observed.repositories.erase(MakeRepository(kArchive));
  diff = Cleanup();
  EXPECT_THAT(Addresses(diff.actions), IsEmpty());
  EXPECT_THAT(diff.errors, Contains(HasSubstr("r.io/team/m:1 is not deleted")));
}

TEST_F(DiffCleanupWithArchive, CopiesNothingWhoseDeletionCannotBeJudged) {
  scene_.observed.referrers.clear();
  EXPECT_THAT(Addresses(Cleanup().actions), IsEmpty());
}

TEST_F(DiffCleanupWithArchive, ArchivesEveryNameOfADigest) {
  scene_.Tag("r.io/team/m:1.0", "a1");
  EXPECT_THAT(Addresses(Cleanup().actions),
              ElementsAre(kArchiving, kDeleting, "archive archive.io/old/team/m:1.0",
                          "delete r.io/team/m:1.0"));
}

TEST_F(DiffCleanupWithArchive, ArchivesNoPlaceholder) {
  scene_.Image("r.io/team/m", "a1").placeholder_of = "1";
  EXPECT_THAT(Addresses(Cleanup().actions), ElementsAre(kDeleting));
}

TEST_F(DiffCleanupWithArchive, ArchivesNothingIfItIsNotEnabled) {
  scene_.config.retention->archive.enabled = false;
  EXPECT_THAT(Addresses(Cleanup().actions), ElementsAre(kDeleting));
}

TEST_F(DiffCleanupWithArchive, ForgetsWhatWasArchivedMoreThanKeepDaysAgo) {
  Has("archive.io/old/team/m:0", "d0", 90 * kDay);
  EXPECT_THAT(Addresses(Cleanup().actions), ElementsAre(kArchiving, kDeleting));
  Has("archive.io/old/team/m:0", "d0", 90 * kDay + absl::Seconds(1));
  EXPECT_THAT(Addresses(Cleanup().actions),
              ElementsAre(kArchiving, kDeleting, "delete archive.io/old/team/m:0"));
}

TEST_F(DiffCleanupWithArchive, KeepsArchivedTagsWhoseDateIsNotKnown) {
  Has("archive.io/old/team/m:0", "d0", 400 * kDay);
  Notes("d0") = std::vector<Descriptor>();
  StageDiff diff = Cleanup();
  EXPECT_THAT(Addresses(diff.actions), ElementsAre(kArchiving, kDeleting));
  EXPECT_THAT(diff.warnings, ElementsAre(HasSubstr("without a date of archiving")));
  Notes("d0") = absl::UnavailableError("no answer");
  diff = Cleanup();
  EXPECT_THAT(Addresses(diff.actions), ElementsAre(kArchiving, kDeleting));
  EXPECT_THAT(diff.errors, ElementsAre(HasSubstr("archive.io/old/team/m:0 stays")));
}

TEST(DiffCleanup, ArchivesTagsOfOnePathOnTwoHostsUnderTwoNames) {
  Scene scene(R"(
sync:
  entries:
    - {source: alpine, target: a.io/team/m, tag: wanted}
    - {source: alpine, target: b.io/team/m, tag: wanted}
retention: {keep_last: 0, archive: {enabled: true, registry: archive.io/old}}
)");
  scene.Tag("a.io/team/m:1", "a2");
  scene.Tag("b.io/team/m:1", "a1");
  scene.LookAtDeletions();
  const StageDiff diff = DiffCleanup(scene.config, scene.Wanted(), scene.observed, kNow);
  EXPECT_THAT(Addresses(diff.actions), ElementsAre(kArchiving, "delete a.io/team/m:1",
                                                   kArchivingAside, "delete b.io/team/m:1"));
}

}  // namespace
}  // namespace imglife
