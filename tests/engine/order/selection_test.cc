#include "engine/order/selection.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace imglife {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<ListedTag> Listed(const std::vector<std::string>& names) {
  std::vector<ListedTag> tags;
  for (const std::string& name : names) tags.push_back({name, std::nullopt});
  return tags;
}

SyncEntry Entry(std::string tag_regex, std::optional<std::int64_t> keep_last = std::nullopt) {
  SyncEntry entry;
  entry.source.host = "docker.io";
  entry.source.path = "library/alpine";
  entry.tag_regex = std::move(tag_regex);
  entry.keep_last = keep_last;
  return entry;
}

Selection Select(const SyncEntry& entry, const std::vector<std::string>& listed,
                 const std::vector<PinnedTag>& pins = {}) {
  auto selection = SelectTags(entry, Listed(listed), pins);
  EXPECT_TRUE(selection.ok()) << selection.status();
  return selection.ok() ? *std::move(selection) : Selection();
}

TEST(SelectTags, NewestOfTheMatchingTagsPlusThePins) {
  const auto selection =
      Select(Entry(R"(^3\.\d+\.\d+$)", 3),
             {"3.21.3", "3.22.0", "3.24.1", "3.23.5", "3.24.0", "3.24", "latest"},
             {{"3.21.3", "build.images[0]"}});
  EXPECT_THAT(selection.tags, ElementsAre("3.24.1", "3.24.0", "3.23.5", "3.21.3"));
  const std::string newest = "newest 3 of 5 matching tags";
  EXPECT_THAT(selection.reasons, ElementsAre(newest, newest, newest, "pinned by build.images[0]"));
  EXPECT_THAT(selection.missing_pins, IsEmpty());
  EXPECT_THAT(selection.excluded_pins, IsEmpty());
}

TEST(SelectTags, RegexesAreSearchedUnanchored) {
  EXPECT_THAT(Select(Entry("alpine"), {"1-alpine", "alpine3.21", "1"}).tags,
              ElementsAre("1-alpine", "alpine3.21"));
}

TEST(SelectTags, WithoutKeepLastAllAreSelected) {
  const auto selection = Select(Entry("."), {"1", "2", "latest"});
  EXPECT_THAT(selection.tags, ElementsAre("2", "1", "latest"));
  EXPECT_EQ(selection.reasons[0], "all 3 matching tags");
  EXPECT_EQ(Select(Entry("2"), {"1", "2"}).reasons[0], "the only matching tag");
}

TEST(SelectTags, AnExactTag) {
  SyncEntry entry = Entry("");
  entry.tag = "3.2";
  EXPECT_THAT(Select(entry, {"3.2", "3.20", "352"}).tags, ElementsAre("3.2"));
  EXPECT_THAT(Select(entry, {"3.20"}).tags, IsEmpty());
}

TEST(SelectTags, ExcludedTagsTakeNoPlaces) {
  SyncEntry entry = Entry(R"(^\d)", 2);
  entry.exclude = {"rc", R"(\.4$)"};
  EXPECT_THAT(Select(entry, {"1.5rc1", "1.4", "1.3", "1.2", "1.1"}).tags,
              ElementsAre("1.3", "1.2"));
}

TEST(SelectTags, APinTakesNoPlaceAndNeedsNoMatch) {
  const auto selection = Select(
      Entry(R"(^\d)", 2), {"1.3", "1.2", "1.1", "edge"},
      {{"edge", "build.images[1]"}, {"1.3", "build.images[0]"}, {"edge", "build.images[2]"}});
  EXPECT_THAT(selection.tags, ElementsAre("1.3", "1.2", "edge"));
  EXPECT_EQ(selection.reasons[0], "newest 2 of 3 matching tags");
  EXPECT_EQ(selection.reasons[2], "pinned by build.images[1], build.images[2]");
}

TEST(SelectTags, AnExcludedPinIsSelectedAndReported) {
  SyncEntry entry = Entry(R"(^\d)", 1);
  entry.exclude = {"rc"};
  const auto selection = Select(entry, {"1.3", "1.4rc1"}, {{"1.4rc1", "build.images[0]"}});
  EXPECT_THAT(selection.tags, ElementsAre("1.4rc1", "1.3"));
  EXPECT_THAT(selection.excluded_pins, ElementsAre("1.4rc1"));
}

TEST(SelectTags, AMissingPinIsReportedAndNotSelected) {
  SyncEntry entry = Entry(R"(^\d)", 1);
  entry.exclude = {"9"};
  const auto selection = Select(entry, {"1.3"}, {{"9.9", "build.images[0]"}});
  EXPECT_THAT(selection.tags, ElementsAre("1.3"));
  EXPECT_THAT(selection.missing_pins, ElementsAre("9.9"));
  EXPECT_THAT(selection.excluded_pins, IsEmpty());
}

TEST(SelectTags, CountsInEachGroup) {
  SyncEntry entry = Entry(R"(^\d+\.\d+\.\d+(-slim)?$)", 1);
  entry.keep_last_per = KeepLastPer::kMinorSuffix;
  const auto selection =
      Select(entry, {"3.20.1", "3.20.2", "3.21.0", "3.20.2-slim", "3.20.1-slim", "3.9.9"});
  EXPECT_THAT(selection.tags, ElementsAre("3.21.0", "3.20.2", "3.20.2-slim", "3.9.9"));
  EXPECT_EQ(selection.reasons[1], "newest 1 of 2 matching tags of group 3.20");
  EXPECT_EQ(selection.reasons[2], "newest 1 of 2 matching tags of group 3.20 slim");
  EXPECT_EQ(selection.reasons[3], "the only matching tag of group 3.9");
}

TEST(SelectTags, FloatingTagsDoNotSpendPlaces) {
  EXPECT_THAT(Select(Entry(R"(^\d+(\.\d+)*$)", 2), {"26", "26.7", "26.7.0", "26.6.0", "26.6"}).tags,
              ElementsAre("26.7.0", "26.6.0"));
}

TEST(SelectTags, AFloatingTagStaysBehindWhenItsVersionWasNotChosen) {
  const auto selection = Select(Entry(R"(^\d+(\.\d+)*$)", 1), {"26", "26.7.0", "25.1.0"},
                                {{"26", "build.images[0]"}, {"25.1.0", "build.images[1]"}});
  EXPECT_THAT(selection.tags, ElementsAre("26.7.0", "25.1.0", "26"));
}

TEST(SelectTags, AmongOthersOfDockerHubDatesAreNeeded) {
  const auto refused = SelectTags(Entry(".", 2), Listed({"1.0", "edge", "latest"}), {},
                                  absl::UnavailableError("hub.docker.com answers 503"));
  ASSERT_EQ(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(
      std::string(refused.status().message()),
      AllOf(HasSubstr("docker.io/library/alpine"), HasSubstr("'latest'"), HasSubstr("'edge'"),
            HasSubstr("(hub.docker.com answers 503)"), HasSubstr("narrow tag_regex")));
}

TEST(SelectTags, NoDatesAreNeededWhereThereIsNoChoice) {
  const auto listed = Listed({"1.0", "2.0", "edge", "latest"});
  EXPECT_TRUE(SelectTags(Entry("."), listed, {}).ok()) << "all are kept";
  EXPECT_TRUE(SelectTags(Entry(".", 4), listed, {}).ok()) << "all are kept";
  EXPECT_TRUE(SelectTags(Entry(".", 2), listed, {}).ok()) << "versions take all places";
  EXPECT_TRUE(SelectTags(Entry(R"(^\d)", 1), listed, {}).ok()) << "no others match";
  EXPECT_FALSE(SelectTags(Entry(".", 3), listed, {}).ok());
}

TEST(SelectTags, OtherRegistriesHaveNoDatesAndCompareNaturally) {
  SyncEntry entry = Entry(".", 1);
  entry.source.host = "ghcr.io";
  const auto selection = SelectTags(entry, Listed({"edge", "latest"}), {});
  ASSERT_TRUE(selection.ok());
  EXPECT_THAT(selection->tags, ElementsAre("latest"));
}

TEST(SelectTags, OthersGroupsOfTheirOwnNeedDatesToo) {
  SyncEntry entry = Entry(".", 1);
  entry.keep_last_per = KeepLastPer::kMinor;
  EXPECT_FALSE(SelectTags(entry, Listed({"1.0", "edge", "latest"}), {}).ok());
  EXPECT_TRUE(SelectTags(entry, Listed({"1.0", "latest"}), {}).ok());
}

std::optional<absl::Time> Day(int n) {
  return absl::FromUnixSeconds(86400 * n);
}

TEST(SelectTags, OthersByTheirDates) {
  const std::vector<ListedTag> listed = {{"main-1", Day(5)}, {"latest", Day(9)}, {"edge", Day(10)}};
  const auto selection = SelectTags(Entry("^[a-z]+$", 1), listed, {});
  ASSERT_TRUE(selection.ok()) << selection.status();
  EXPECT_THAT(selection->tags, ElementsAre("edge"));
}

TEST(SelectTags, OnlyTheOthersThatCompeteNeedDates) {
  const std::vector<ListedTag> listed = {
      {"edge", Day(10)}, {"latest", Day(9)}, {"1.0", std::nullopt}, {"nightly", std::nullopt}};
  const auto selection = SelectTags(Entry("^(edge|latest)$", 1), listed, {});
  ASSERT_TRUE(selection.ok()) << selection.status();
  EXPECT_THAT(selection->tags, ElementsAre("edge"));
  const auto refused = SelectTags(Entry(".", 2), listed, {});
  EXPECT_THAT(std::string(refused.status().message()),
              HasSubstr("Docker Hub has no date of 'nightly'"));
}

TEST(SelectTags, ABadExpressionIsNamed) {
  const auto bad = SelectTags(Entry("(1"), {}, {});
  EXPECT_EQ(bad.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(bad.status().message()), HasSubstr("tag_regex '(1'"));
  SyncEntry entry = Entry("1");
  entry.exclude = {"ok", "[z-a]"};
  EXPECT_THAT(std::string(SelectTags(entry, {}, {}).status().message()),
              HasSubstr("exclude '[z-a]'"));
}

}  // namespace
}  // namespace imglife
