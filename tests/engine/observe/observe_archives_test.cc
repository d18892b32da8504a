#include "engine/observe/observe_archives.h"

#include "gmock/gmock.h"

#include "tests/engine/observe/observe_fixture.h"
#include "tests/support/odd_images.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const Repository kArchive = MakeRepository("cold.test/keep/bases/app");

Config WithArchive(const std::string& registry) {
  Config config;
  config.retention = Retention{};
  config.retention->archive.enabled = true;
  config.retention->archive.registry = MakeRepository(registry);
  return config;
}

TEST(ArchiveTag, EndsWithTwelveDigitsAndIsATag) {
  const Digest digest = MakeImage({.name = "1"}).manifest.digest;
  EXPECT_EQ(ArchiveTag("3.21", digest), "3.21-" + std::string(digest.hex().substr(0, 12)));
  const std::string shortened = ArchiveTag(std::string(128, 'x'), digest);
  EXPECT_EQ(shortened, std::string(115, 'x') + "-" + std::string(digest.hex().substr(0, 12)));
  EXPECT_TRUE(IsValidTag(shortened));
}

TEST(ArchivesOf, AreBelowTheArchivesRegistryEachOnce) {
  Config config = WithArchive("cold.test/keep");
  EXPECT_THAT(ArchivesOf(config, {kApp, kApp}), ElementsAre(kArchive));
  config.retention->archive.registry->path.clear();
  EXPECT_THAT(ArchivesOf(config, {kApp}), ElementsAre(MakeRepository("cold.test/bases/app")));
  config.retention->archive.enabled = false;
  EXPECT_THAT(ArchivesOf(config, {kApp}), IsEmpty());
  EXPECT_THAT(ArchivesOf(Config(), {kApp}), IsEmpty());
}

TEST(ArchivesOf, NoRepositoryIsItsOwnArchive) {
  Config config = WithArchive("r.test/bases");
  config.retention->archive.registry->path.clear();
  EXPECT_THAT(ArchivesOf(config, {kApp}), IsEmpty());
}

TEST(FormerNames, AreThoseUnderWhichATagWasArchived) {
  const Config config = WithArchive("cold.test/keep");
  const Repository same_path = MakeRepository("s.test/bases/app");
  const Repository other = MakeRepository("r.test/bases/other");
  const Digest digest = MakeImage({.name = "1"}).manifest.digest;
  const FormerNames of_all(config, {kApp, same_path, other});
  EXPECT_THAT(of_all.Of({kArchive, "1.0-a", digest}),
              ElementsAre(Reference{kApp, "1.0-a", {}}, Reference{same_path, "1.0-a", {}}));
  EXPECT_THAT(of_all.Of({kApp, "1.0-a", digest}), IsEmpty());
  const FormerNames of_app(config, {kApp});
  const std::string longer = ArchiveTag("1.0", digest);
  EXPECT_THAT(of_app.Of({kArchive, longer, digest}),
              ElementsAre(Reference{kApp, longer, {}}, Reference{kApp, "1.0", {}}));
  EXPECT_THAT(of_app.Of({kArchive, longer, MakeImage({.name = "2"}).manifest.digest}),
              ElementsAre(Reference{kApp, longer, {}}));
  EXPECT_THAT(FormerNames(Config(), {kApp}).Of({kArchive, "1.0-a", digest}), IsEmpty());
}

class ObserveArchivesTest : public ObserveTest {
 protected:
  // Of when the image was archived.
  void AddNote(const TestImage& image) {
    registry_.AddImage(
        kArchive, "",
        MakeImage({.name = "note",
                   .annotations = {{std::string(annotation::kArchivedAt), "2026-08-20T06:00:00Z"}},
                   .artifact_type = std::string(kArchiveNoteType),
                   .subject = image.ToDescriptor()}));
  }

  void LookAt(const std::vector<Repository>& archives) {
    const auto memo = MakeRegistryMemo(registry_);
    ObserveArchives(archives, *memo, observed_);
  }

  Observed observed_;
};

TEST_F(ObserveArchivesTest, TagsAndWhatRefersToThemAreAskedOnceForEachDigest) {
  registry_.AddImage(kArchive, "1", MakeImage({.name = "1"}));
  registry_.AddImage(kArchive, "one", MakeImage({.name = "1"}));
  AddNote(MakeImage({.name = "1"}));
  LookAt({kArchive});
  EXPECT_THAT(observed_.FindRepository(kArchive)->tags, ElementsAre("1", "one"));
  EXPECT_EQ(observed_.DigestOf(kArchive, "one"), MakeImage({.name = "1"}).manifest.digest);
  EXPECT_THAT(*observed_.referrers.at({kArchive, MakeImage({.name = "1"}).manifest.digest}),
              SizeIs(1));
  EXPECT_EQ(registry_.CountCalls("ListReferrers"), 1u);
  EXPECT_EQ(Asked().size(), 4u);
}

// By its manifest alone.
TEST_F(ObserveArchivesTest, AmongWhatHasNoDatePlaceholdersAreToldApart) {
  const TestImage dated = MakeImage({.name = "dated"});
  registry_.AddImage(kArchive, "dated", dated);
  AddNote(dated);
  registry_.AddImage(kArchive, "left", MakePlaceholderImage("left"));
  registry_.AddImage(kArchive, "by-hand", MakeImage({.name = "by hand"}));
  LookAt({kArchive});
  EXPECT_TRUE(observed_.IsPlaceholder(kArchive, "left"));
  EXPECT_FALSE(observed_.IsPlaceholder(kArchive, "by-hand"));
  EXPECT_EQ(registry_.CountCalls("GetManifest"), 2u);
  EXPECT_EQ(registry_.CountCalls("GetBlob"), 0u);
}

TEST_F(ObserveArchivesTest, WhatCannotBeReadIsNoPlaceholder) {
  registry_.AddImage(kArchive, "left", MakePlaceholderImage("left"));
  registry_.Inject({.method = "GetManifest"});
  LookAt({kArchive});
  EXPECT_FALSE(observed_.IsPlaceholder(kArchive, "left"));
  EXPECT_FALSE(observed_.DigestOf(kArchive, "left").empty());
}

TEST_F(ObserveArchivesTest, WhatCannotBeReadIsNotEmpty) {
  const Repository other = MakeRepository("cold.test/keep/other");
  registry_.AddImage(kArchive, "1", MakeImage({.name = "1"}));
  registry_.AddImage(kArchive, "2", MakeImage({.name = "2"}));
  registry_.Inject({.method = "ListTags", .repository = other.ToString()});
  registry_.Inject({.method = "Resolve", .argument = "1"});
  registry_.Inject({.method = "ListReferrers"});
  LookAt({kArchive, other});
  EXPECT_TRUE(absl::IsUnavailable(observed_.FindRepository(other)->status));
  EXPECT_TRUE(absl::IsUnavailable(observed_.FindRepository(kArchive)->resolved.at("1").status()));
  EXPECT_TRUE(absl::IsUnavailable(
      observed_.referrers.at({kArchive, MakeImage({.name = "2"}).manifest.digest}).status()));
}

TEST_F(ObserveArchivesTest, AnArchiveThatDoesNotExistIsListedAndEmpty) {
  LookAt({kArchive});
  ASSERT_NE(observed_.FindRepository(kArchive), nullptr);
  EXPECT_FALSE(observed_.FindRepository(kArchive)->exists);
  EXPECT_THAT(Asked(), ElementsAre("ListTags cold.test/keep/bases/app"));
}

TEST_F(ObserveArchivesTest, ReadingTheImagesKeepsWhyOneIsUnreadable) {
  registry_.AddImage(kArchive, "1", MakeImage({.name = "1"}));
  registry_.AddImage(kArchive, "2", MakeImage({.name = "2"}));
  registry_.Inject({.method = "GetManifest", .argument = "1"});
  const auto memo = MakeRegistryMemo(registry_);
  ObserveArchives({kArchive}, *memo, observed_);
  ReadArchivedImages({kArchive}, *memo, observed_);
  EXPECT_TRUE(absl::IsUnavailable(observed_.FindRepository(kArchive)->resolved.at("1").status()));
  EXPECT_NE(observed_.FindImage(kArchive, "2"), nullptr);
}

// They say what was built on what.
TEST_F(ObserveArchivesTest, ReadingTheImagesReadsTheirLabels) {
  registry_.AddImage(kArchive, "1", MakeImage({.name = "1", .labels = {{"a", "b"}}}));
  LookAt({kArchive});
  const auto memo = MakeRegistryMemo(registry_);
  ReadArchivedImages({kArchive}, *memo, observed_);
  ASSERT_NE(observed_.FindImage(kArchive, "1"), nullptr);
  EXPECT_EQ(observed_.FindImage(kArchive, "1")->Label("a"), "b");
}

Descriptor Note(std::string_view type, const std::string& at) {
  Descriptor note;
  note.artifact_type = type;
  note.annotations[std::string(annotation::kArchivedAt)] = at;
  return note;
}

TEST(ArchivedAt, IsTheNewestOfTheNotes) {
  const absl::Time newest = absl::FromUnixSeconds(1'700'000'000);
  EXPECT_EQ(ArchivedAt({Note(kArchiveNoteType, "2023-11-14T22:13:19Z"),
                        Note(kArchiveNoteType, "2023-11-14T22:13:20Z"),
                        Note(kArchiveNoteType, "2023-11-14T22:13:18Z")}),
            newest);
}

TEST(ArchivedAt, IsUnknownWithoutANoteOfOurs) {
  EXPECT_EQ(ArchivedAt({}), std::nullopt);
  EXPECT_EQ(ArchivedAt({Note("application/x", "2023-11-14T22:13:20Z")}), std::nullopt);
  EXPECT_EQ(ArchivedAt({Note(kArchiveNoteType, "")}), std::nullopt);
  Descriptor unannotated;
  unannotated.artifact_type = kArchiveNoteType;
  EXPECT_EQ(ArchivedAt({unannotated}), std::nullopt);
}

}  // namespace
}  // namespace imglife
