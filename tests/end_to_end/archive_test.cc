// Tags are archived before they are deleted, and expire in the archive by the date noted there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/breaking_proxy.h"
#include "tests/end_to_end/registries_fixture.h"
#include "tests/support/odd_images.h"

namespace imglife {
namespace {

using testing::ContainsRegex;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ArchiveTest : public RegistriesTest {
 protected:
  void SetUp() override {
    Push(private_, "mirrors/alpine", "3.24.0", Push(upstream_, "library/alpine", "3.24.0"));
    ConfigureArchive("$PRIVATE/archive");
  }

  void ConfigureArchive(const std::string& registry, const std::string& more = "") {
    Configure(R"(sync:
  entries:
    - source: $UPSTREAM/library/alpine
      tag: "3.24.0"
      target: $PRIVATE/mirrors/alpine
retention:
  keep_last: 0
  archive: {enabled: true, keep_days: 90, registry: )" +
              registry + "}\n" + more);
  }

  TestImage PushOld(const std::string& tag, const std::string& name) {
    return Push(private_, "mirrors/alpine", tag, Image(name, "2024-01-01"));
  }

  // For ages; what is written stays dated 2026-08-20, 6:00 UTC.
  void ItIs(const std::string& instant) { environment_["IMGLIFE_NOW"] = instant; }

  // Without tags that only hold referrers.
  std::vector<std::string> Archived() {
    std::vector<std::string> tags = Tags(private_, kArchived);
    std::erase_if(tags, [](const std::string& tag) { return tag.rfind("sha256-", 0) == 0; });
    return tags;
  }

  std::string archive() const { return private_.host() + "/" + kArchived; }
};

TEST_F(ArchiveTest, KeepsTheCopyByteForByteUntilItsTimeIsOver) {
  const TestImage old = PushOld("3.1", "old");
  ASSERT_THAT(Run({"cleanup"}), ExitsWith(0));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.24.0"));
  EXPECT_EQ(DigestOf(private_, kArchived, "3.1"), old.manifest.digest.str());
  EXPECT_TRUE(HasAll(private_, kArchived, old));

  ItIs("2026-11-18T06:00:00Z");
  EXPECT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(0));

  ItIs("2026-11-18T06:00:01Z");
  const ImglifeRun plan = Run({"plan", "--detailed-exitcode"});
  EXPECT_THAT(plan, ExitsWith(2));
  EXPECT_THAT(plan.out, HasSubstr("- delete  " + archive() + ":3.1"));
  EXPECT_THAT(plan.out, HasSubstr("archived 90 days ago (archive.keep_days 90)"));
  EXPECT_THAT(Run({"cleanup"}), ExitsWith(0));
  EXPECT_THAT(Tags(private_, kArchived), IsEmpty());
  EXPECT_EQ(DigestOf(private_, kArchived, old.manifest.digest.str()), "");
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.24.0"));
  EXPECT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(0));
}

TEST_F(ArchiveTest, WithoutADateItStays) {
  Push(private_, kArchived, "by-hand", Image("by hand", "2020-01-01"));
  ItIs("2036-01-01T00:00:00Z");
  const ImglifeRun plan = Run({"plan", "--detailed-exitcode"});
  EXPECT_THAT(plan, ExitsWith(0));
  EXPECT_THAT(plan.out, HasSubstr(archive() + ": 1 tag without a date of archiving (by-hand): "
                                              "never deleted by itself"));
}

TEST_F(ArchiveTest, AnotherImageOfThatNameStaysBesideIt) {
  const TestImage first = PushOld("3.1", "first");
  ASSERT_THAT(Run({"cleanup"}), ExitsWith(0));
  const TestImage second = PushOld("3.1", "second");
  ASSERT_THAT(Run({"cleanup"}), ExitsWith(0));
  const std::string other = "3.1-" + std::string(second.manifest.digest.hex().substr(0, 12));
  EXPECT_THAT(Archived(), ElementsAre("3.1", other));
  EXPECT_TRUE(HasAll(private_, kArchived, first));
  EXPECT_EQ(DigestOf(private_, kArchived, other), second.manifest.digest.str());
}

TEST_F(ArchiveTest, WhatAKilledDeletionLeftThereCountsAsAbsent) {
  Push(private_, kArchived, "3.0", MakePlaceholderImage("3.0"));
  Push(private_, kArchived, "3.1", MakePlaceholderImage("3.1"));
  const TestImage old = PushOld("3.1", "old");
  const ImglifeRun cleanup = Run({"cleanup"});
  EXPECT_THAT(cleanup, ExitsWith(0)) << cleanup.out << cleanup.err;
  EXPECT_THAT(Archived(), ElementsAre("3.1"));
  EXPECT_EQ(DigestOf(private_, kArchived, "3.1"), old.manifest.digest.str());
  EXPECT_TRUE(HasAll(private_, kArchived, old));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.24.0"));
  EXPECT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(0));
}

// What was archived long ago and came back gets a new date, and isn't deleted from the archive in
// the same run.
TEST_F(ArchiveTest, ArchivedAgainItsTimeBeginsAnew) {
  const TestImage old = PushOld("3.1", "old");
  ASSERT_THAT(Run({"cleanup"}), ExitsWith(0));
  Push(private_, "mirrors/alpine", "3.1", old);
  ItIs("2027-03-01T00:00:00Z");
  environment_["SOURCE_DATE_EPOCH"] = "1803859200";
  const ImglifeRun cleanup = Run({"cleanup"});
  EXPECT_THAT(cleanup, ExitsWith(0));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.24.0"));
  EXPECT_THAT(Archived(), ElementsAre("3.1"));
  EXPECT_TRUE(HasAll(private_, kArchived, old));
  EXPECT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(0));
}

TEST_F(ArchiveTest, ExpiryLeavesWhatOtherArchivedTagsUse) {
  const TestImage old = PushOld("3.1", "old");
  ASSERT_THAT(Run({"cleanup"}), ExitsWith(0));
  Push(private_, kArchived, "child",
       TestImage{.manifest = old.children.front(), .children = {}, .blobs = old.blobs});
  ItIs("2027-03-01T00:00:00Z");
  EXPECT_THAT(Run({"cleanup"}), ExitsWith(0));
  EXPECT_THAT(Archived(), ElementsAre("child"));
  EXPECT_EQ(DigestOf(private_, kArchived, "child"), old.children.front().digest.str());
}

TEST_F(ArchiveTest, ALayoutOnDiskIsAnArchiveToo) {
  ConfigureArchive("ocidir://archive");
  PushOld("3.1", "old");
  ASSERT_THAT(Run({"cleanup"}), ExitsWith(0));
  ItIs("2027-03-01T00:00:00Z");
  EXPECT_THAT(Run({"plan"}).out, HasSubstr("- delete  ocidir://archive/mirrors/alpine:3.1"));
  EXPECT_THAT(Run({"cleanup"}), ExitsWith(0));
  EXPECT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(0));
}

// The copy that a deletion looks for is one that the dry run doesn't make.
TEST_F(ArchiveTest, ADryRunSaysWhatWouldBeArchived) {
  PushOld("3.1", "old");
  const ImglifeRun rehearsal = Run({"cleanup", "--dry-run"});
  EXPECT_THAT(rehearsal, ExitsWith(0));
  EXPECT_THAT(rehearsal.out, HasSubstr("├─ Would delete  0\n"
                                       "├─ Would archive 1\n"));
  EXPECT_THAT(rehearsal.err, HasSubstr(": would be archived\n"));
  EXPECT_THAT(rehearsal.err, HasSubstr(": would be deleted\n"));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.1", "3.24.0"));
  const ImglifeRun cleanup = Run({"cleanup"});
  EXPECT_THAT(cleanup.out, HasSubstr("├─ Deleted    0\n"
                                     "├─ Archived   1\n"));
}

TEST_F(ArchiveTest, WhatExcludeTagsNamesStaysInTheArchiveToo) {
  PushOld("3.1", "one");
  PushOld("3.2", "two");
  ASSERT_THAT(Run({"cleanup"}), ExitsWith(0));
  ConfigureArchive("$PRIVATE/archive", "  exclude_tags: ['3.1']\n");
  ItIs("2027-03-01T00:00:00Z");
  ASSERT_THAT(Run({"cleanup"}), ExitsWith(0));
  EXPECT_THAT(Archived(), ElementsAre("3.1"));
}

// It was archived before, and its time is over earlier.
TEST_F(ArchiveTest, ABaseStaysAsLongAsAnArchivedImageThatWasBuiltOnIt) {
  const TestImage base = PushOld("3.1", "base");
  PushOld("3.2", "other");
  ASSERT_THAT(Run({"cleanup"}), ExitsWith(0));
  ImageSpec image;
  image.name = "built";
  image.labels["org.opencontainers.image.base.digest"] = base.manifest.digest.str();
  Push(private_, "mirrors/alpine", "built", MakeImage(image));
  environment_["SOURCE_DATE_EPOCH"] = "1793232000";
  ItIs("2026-10-29T00:00:00Z");
  ASSERT_THAT(Run({"cleanup"}), ExitsWith(0));
  ASSERT_THAT(Archived(), ElementsAre("3.1", "3.2", "built"));
  ItIs("2026-12-01T00:00:00Z");
  ASSERT_THAT(Run({"cleanup"}), ExitsWith(0));
  EXPECT_THAT(Archived(), ElementsAre("3.1", "built"));
  ItIs("2027-03-01T00:00:00Z");
  ASSERT_THAT(Run({"cleanup"}), ExitsWith(0));
  EXPECT_THAT(Archived(), IsEmpty());
}

// An archive among what is cleaned up would be cleaned up too.
TEST_F(ArchiveTest, StandsApartFromWhatIsCleanedUp) {
  PushOld("3.1", "old");
  for (const char* place :
       {"$PRIVATE", "$PRIVATE/mirrors", "$PRIVATE/mirrors/alpine", "$PRIVATE/mirrors/alpine/old"}) {
    ConfigureArchive(place);
    NewRequests(private_);
    for (const std::vector<std::string>& command :
         {std::vector<std::string>{"validate"}, {"plan"}, {"cleanup", "--force"}}) {
      const ImglifeRun run = Run(command);
      EXPECT_THAT(run, ExitsWith(1)) << place;
      EXPECT_THAT(run.err, ContainsRegex("imglife.yaml:[0-9]+:[0-9]+: error: "
                                         "retention.archive.registry: the archive .* and the sync "
                                         "target .*/mirrors/alpine lie one within the other"))
          << place;
    }
    EXPECT_THAT(NewRequests(private_), IsEmpty()) << place;
  }
}

TEST_F(ArchiveTest, WhatIsNotArchivedIsNotDeleted) {
  const BreakingProxy broken(private_.host(), [](int, const std::string& line) {
    return line.rfind("PUT ", 0) == 0 ? Fault::kUnavailable : Fault::kNone;
  });
  ConfigureArchive(broken.host() + "/archive");
  const TestImage old = PushOld("3.1", "old");
  EXPECT_THAT(Run({"cleanup"}), ExitsWith(1));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.1", "3.24.0"));
  EXPECT_TRUE(HasAll(private_, "mirrors/alpine", old));
}

}  // namespace
}  // namespace imglife
