// Tags that Docker's official images really have (testdata/tags).

#include <fstream>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/order/selection.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;

const std::vector<std::string> kImages = {"alpine", "debian", "eclipse-temurin", "golang",
                                          "node",   "redis",  "ubuntu"};

std::vector<ListedTag> TagsOf(const std::string& image) {
  std::ifstream file(std::string(IMGLIFE_TESTDATA) + "/tags/" + image + ".txt");
  std::vector<ListedTag> tags;
  for (std::string line; std::getline(file, line);) tags.push_back({line, std::nullopt});
  EXPECT_FALSE(tags.empty()) << image;
  return tags;
}

std::vector<std::string> Newest(const std::string& image, std::string regex, std::int64_t keep,
                                const std::vector<PinnedTag>& pins = {}) {
  SyncEntry entry;
  entry.source.host = "docker.io";
  entry.source.path = "library/" + image;
  entry.tag_regex = std::move(regex);
  entry.keep_last = keep;
  const auto selection = SelectTags(entry, TagsOf(image), pins);
  EXPECT_TRUE(selection.ok()) << selection.status();
  return selection.ok() ? selection->tags : std::vector<std::string>();
}

TEST(OfficialTags, TheGuidesAlpine) {
  EXPECT_THAT(Newest("alpine", R"(^3\.\d+\.\d+$)", 3, {{"3.21.3", "build.images[0]"}}),
              ElementsAre("3.24.1", "3.24.0", "3.23.5", "3.21.3"));
}

TEST(OfficialTags, TheGuidesGolang) {
  const std::string regex = R"(^1\.\d+\.\d+-alpine3\.\d+$)";
  EXPECT_THAT(Newest("golang", regex, 2, {{"1.22.3-alpine3.20", "build.images[1]"}}),
              ElementsAre("1.27.0-alpine3.24", "1.27.0-alpine3.23", "1.22.3-alpine3.20"));
}

TEST(OfficialTags, TheGuidesGolangPinWasNeverPublished) {
  SyncEntry entry;
  entry.tag_regex = R"(^1\.\d+\.\d+-alpine3\.\d+$)";
  entry.keep_last = 2;
  const auto selection =
      SelectTags(entry, TagsOf("golang"), {{"1.22.3-alpine3.21", "build.images[1]"}});
  ASSERT_TRUE(selection.ok());
  EXPECT_THAT(selection->missing_pins, ElementsAre("1.22.3-alpine3.21"));
}

TEST(OfficialTags, NodeDoesNotSpendPlacesOnFloatingTags) {
  EXPECT_THAT(Newest("node", R"(^\d+(\.\d+)*$)", 3), ElementsAre("26.7.0", "26.6.0", "26.5.1"));
}

TEST(OfficialTags, DebiansOldPointReleasesDoNotBeatItsNewest) {
  EXPECT_THAT(Newest("debian", R"(^\d+(\.\d+)*$)", 2), ElementsAre("13.6", "13.5"));
}

TEST(OfficialTags, TemurinsBuildsCompareAsNumbers) {
  EXPECT_THAT(Newest("eclipse-temurin", R"(^17.*-jdk$)", 4),
              ElementsAre("17.0.20_8-jdk", "17.0.11_9-jdk", "17.0.10_7-jdk", "17.0.9_9-jdk"));
}

TEST(OfficialTags, UbuntusDatesCompareAcrossCodenames) {
  EXPECT_THAT(
      Newest("ubuntu", R"(^[a-z]+-\d{8})", 4),
      ElementsAre("resolute-20260811.1", "noble-20260810", "jammy-20260810", "jammy-20260731.1"));
}

TEST(OfficialTags, RedisVariantsForOldMachinesAreNoVersions) {
  EXPECT_THAT(Newest("redis", ".", 1), ElementsAre("8.10.1"));
}

TEST(OfficialTags, ReleasesBeatTheirCandidates) {
  EXPECT_THAT(Newest("golang", R"(^1\.27[^-]*$)", 2), ElementsAre("1.27.0", "1.27rc3"));
}

// Antisymmetric, transitive, equal only for the same tag: over every pair, with a
// third tag for each.
TEST(OfficialTags, TheComparatorIsAStrictTotalOrder) {
  std::vector<ParsedTag> parsed;
  for (const std::string& image : kImages) {
    for (const ListedTag& tag : TagsOf(image)) parsed.push_back(ParseTag(tag.tag));
  }
  for (std::size_t i = 0; i < parsed.size(); ++i) {
    for (std::size_t k = 0; k < parsed.size(); ++k) {
      const auto order = CompareTags(parsed[i], parsed[k]);
      const auto reverse = CompareTags(parsed[k], parsed[i]);
      ASSERT_TRUE((order > 0 && reverse < 0) || (order < 0 && reverse > 0) ||
                  (order == 0 && reverse == 0 && parsed[i].tag == parsed[k].tag))
          << parsed[i].tag << " " << parsed[k].tag;
      const ParsedTag& third = parsed[(i * 31 + k * 17) % parsed.size()];
      if (order <= 0 && CompareTags(parsed[k], third) <= 0) {
        ASSERT_TRUE(CompareTags(parsed[i], third) <= 0)
            << parsed[i].tag << " " << parsed[k].tag << " " << third.tag;
      }
    }
  }
}

}  // namespace
}  // namespace imglife
