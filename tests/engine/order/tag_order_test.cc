#include "engine/order/tag_order.h"

#include <algorithm>
#include <cstddef>
#include <random>
#include <string>

#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

std::vector<ListedTag> Listed(const std::vector<std::string>& names) {
  std::vector<ListedTag> tags;
  for (const std::string& name : names) tags.push_back({name, std::nullopt});
  return tags;
}

// Every pair of a list that is written newest first.
void ExpectNewestFirst(const std::vector<std::string>& tags) {
  for (std::size_t i = 0; i < tags.size(); ++i) {
    for (std::size_t k = 0; k < tags.size(); ++k) {
      const auto order = CompareTags(ParseTag(tags[i]), ParseTag(tags[k]));
      EXPECT_EQ(order, k <=> i) << tags[i] << " beside " << tags[k];
    }
  }
}

TEST(CompareTags, VersionsThenDatesThenOthers) {
  ExpectNewestFirst({"0.1", "20260805", "latest"});
}

TEST(CompareTags, NumbersOfAnySize) {
  ExpectNewestFirst({"3.18446744073709551616", "3.18446744073709551615", "3.1000000", "3.999999",
                     "3.10", "3.9", "3.0.1", "3", "2.99"});
  ExpectNewestFirst({"6000000.1", "5000000.2", "5000000.1", "1048576", "1048575", "1048574.5"});
}

TEST(CompareTags, TrailingZerosAreEqualThenMoreComponentsFirst) {
  ExpectNewestFirst({"3.1", "3.0.0", "3.0", "3", "3.0.0-slim", "3-slim"});
}

TEST(CompareTags, PrefixVIsEqualAndOtherPrefixesRankBelow) {
  ExpectNewestFirst({"v2.1", "2.0", "v1.9", "1.8", "jdk-21", "alpine3.21"});
  EXPECT_TRUE(CompareTags(ParseTag("v1.2"), ParseTag("1.2")) > 0) << "the bytes of the tag decide";
}

TEST(CompareTags, PrefixDecidesAfterEverythingElse) {
  ExpectNewestFirst({"b-2.0", "a-2.0", "b-1.0", "a-1.0"});
}

TEST(CompareTags, PreReleasesInOrder) {
  ExpectNewestFirst({"2.0", "2.0-rc.2", "2.0rc1.10", "2.0rc1.9", "2.0-rc1", "2.0-pre1",
                     "2.0-beta10", "2.0b9", "2.0-alpha3", "2.0a2", "2.0-M7", "2.0-dev3", "2.0-ea2",
                     "2.0-snapshot1", "1.9"});
}

TEST(CompareTags, MarkerSpellingsAreEqualUpToTheBytes) {
  for (const char* same : {"2.0-rc1", "2.0.rc1", "2.0_rc1", "2.0RC1", "2.0-rc.1", "2.0-rc-1"}) {
    EXPECT_TRUE(CompareTags(ParseTag(same), ParseTag("2.0rc2")) < 0) << same;
    EXPECT_TRUE(CompareTags(ParseTag(same), ParseTag("2.0rc0")) > 0) << same;
  }
}

TEST(CompareTags, BuildIsTheLastNumber) {
  ExpectNewestFirst({"17.0.10.1_1", "17.0.10_10", "17.0.10_7", "17.0.10+5", "17.0.10", "17.0.9_9"});
}

TEST(CompareTags, PlainIsNewestAndSuffixesCompareNaturally) {
  ExpectNewestFirst({"1.27.0", "1.27.0-bookworm", "1.27.0-alpine3.21", "1.27.0-alpine3.9",
                     "1.27.0-alpine", "1.26.9"});
}

TEST(CompareTags, BuildStampsAreSuffixes) {
  ExpectNewestFirst(
      {"17.6-202510071958-standard", "17.6-202509011958-standard", "16.10-202510071958-standard"});
}

TEST(CompareTags, LaterDatesAreNewer) {
  ExpectNewestFirst({"202608051530", "20260805", "bookworm-20260804", "noble-20260730.10",
                     "noble-20260730.9", "noble-20260730", "noble-20260730-slim", "2026-07-29",
                     "nightly-2026-07-28-1", "nightly-2026-07-28", "RELEASE.2024-01-16T16-07-38Z",
                     "RELEASE.2024-01-16T09-59-59Z"});
}

TEST(CompareTags, OthersCompareNaturally) {
  ExpectNewestFirst({"stable", "latest", "edge_b10", "edge_b9", "edge", "1a2b3c4"});
}

TEST(CompareTags, EqualOnlyForEqualTags) {
  for (const char* other : {"01.2", "1.02", "v1.2", "1.2.", "1.2.0", "1.2_0"}) {
    EXPECT_TRUE(CompareTags(ParseTag("1.2"), ParseTag(other)) != 0) << other;
  }
  EXPECT_TRUE(CompareTags(ParseTag("a01b"), ParseTag("a1b")) != 0);
  EXPECT_TRUE(CompareTags(ParseTag("1.2"), ParseTag("1.2")) == 0);
}

TEST(CompareNaturally, RunsOfDigitsAreNumbers) {
  EXPECT_TRUE(CompareNaturally("alpine3.21", "alpine3.9") > 0);
  EXPECT_TRUE(CompareNaturally("a", "a1") < 0);
  EXPECT_TRUE(CompareNaturally("a-", "a1") < 0);
  EXPECT_TRUE(CompareNaturally("aa", "a1") > 0);
  EXPECT_TRUE(CompareNaturally("a\xc3", "az") > 0);
  EXPECT_TRUE(CompareNaturally("99999999999999999999", "100000000000000000000") < 0);
  EXPECT_TRUE(CompareNaturally("007", "7") == 0);
  EXPECT_TRUE(CompareNaturally("", "") == 0);
}

TEST(SortNewestFirst, FloatingTagsComeAfterTheOtherVersions) {
  EXPECT_THAT(SortNewestFirst(Listed({"26", "26.7", "26.7.0", "26.6.0", "24.1.0", "24"})),
              ElementsAre("26.7.0", "26.6.0", "24.1.0", "26.7", "26", "24"));
}

TEST(SortNewestFirst, AShortVersionThatNothingContinuesIsNotFloating) {
  EXPECT_THAT(SortNewestFirst(Listed({"13", "13.6", "13.5", "6.0.10", "6.0"})),
              ElementsAre("13.6", "13.5", "6.0.10", "13", "6.0"));
}

TEST(SortNewestFirst, FloatingIsByPrefixAndSuffix) {
  EXPECT_THAT(SortNewestFirst(Listed({"2", "1.5-slim", "1-slim", "2.1-slim", "1", "1.9-alpine"})),
              ElementsAre("2.1-slim", "2", "1.9-alpine", "1.5-slim", "1", "1-slim"));
  EXPECT_THAT(SortNewestFirst(Listed({"2", "v2.1", "1.0"})), ElementsAre("v2.1", "1.0", "2"))
      << "v and no prefix are the same";
  EXPECT_THAT(SortNewestFirst(Listed({"2", "jdk-2.1"})), ElementsAre("2", "jdk-2.1"));
}

TEST(SortNewestFirst, FloatingComparesWholeComponents) {
  EXPECT_THAT(SortNewestFirst(Listed({"2", "20.1", "1"})), ElementsAre("20.1", "2", "1"));
}

TEST(SortNewestFirst, AVersionOfItsBuildsFloats) {
  EXPECT_THAT(SortNewestFirst(Listed({"17.0.10-jdk", "17.0.10_7-jdk", "17.0.9_9-jdk", "17-jdk"})),
              ElementsAre("17.0.10_7-jdk", "17.0.9_9-jdk", "17.0.10-jdk", "17-jdk"));
}

TEST(SortNewestFirst, PreReleasesNeverFloatButMakeOthersFloat) {
  EXPECT_THAT(SortNewestFirst(Listed({"3.15-rc", "3.15.0rc1", "3.15", "3.14.1"})),
              ElementsAre("3.15.0rc1", "3.15-rc", "3.14.1", "3.15"));
}

TEST(SortNewestFirst, FloatingVersionsStillComeBeforeDatesAndOthers) {
  EXPECT_THAT(SortNewestFirst(Listed({"latest", "20260805", "26", "26.1"})),
              ElementsAre("26.1", "26", "20260805", "latest"));
}

TEST(SortNewestFirst, OthersByTheirDatesIfAllHaveOne) {
  const auto at = [](int day) { return std::optional(absl::FromUnixSeconds(86400 * day)); };
  EXPECT_THAT(SortNewestFirst({{"a", at(3)}, {"b", at(1)}, {"c", at(2)}, {"1.0", std::nullopt}}),
              ElementsAre("1.0", "a", "c", "b"));
  EXPECT_THAT(SortNewestFirst({{"a", at(3)}, {"b", at(1)}, {"c", std::nullopt}}),
              ElementsAre("c", "b", "a"));
  EXPECT_THAT(SortNewestFirst({{"a9", at(3)}, {"a10", at(3)}}), ElementsAre("a10", "a9"));
}

TEST(SortNewestFirst, DatesOfTheListingSayNothingAboutVersions) {
  const auto at = [](int day) { return std::optional(absl::FromUnixSeconds(86400 * day)); };
  EXPECT_THAT(SortNewestFirst({{"1.0", at(9)}, {"2.0", at(1)}}), ElementsAre("2.0", "1.0"));
}

TEST(SortNewestFirst, TheOrderOfTheInputDoesNotMatter) {
  std::vector<std::string> names = {"latest",     "1",       "1.2",       "1.2.3",  "v1.2.3",
                                    "1.2.3-slim", "1.2-rc1", "edge",      "2",      "2.0",
                                    "20260805",   "alpine3", "alpine3.1", "abc1234"};
  const auto expected = SortNewestFirst(Listed(names));
  std::mt19937 random(7);
  for (int i = 0; i < 50; ++i) {
    std::shuffle(names.begin(), names.end(), random);
    EXPECT_THAT(SortNewestFirst(Listed(names)), ElementsAreArray(expected));
  }
}

TEST(SortNewestFirst, EachTagOnce) {
  EXPECT_THAT(SortNewestFirst(Listed({"1", "2", "1"})), ElementsAre("2", "1"));
  EXPECT_TRUE(SortNewestFirst({}).empty());
}

// Takes minutes if finding floating tags compares every pair.
TEST(SortNewestFirst, AHundredThousandTags) {
  std::vector<ListedTag> tags;
  for (int i = 0; i < 100'000; ++i) tags.push_back({"1." + std::to_string(i), std::nullopt});
  tags.push_back({"1", std::nullopt});
  const auto sorted = SortNewestFirst(tags);
  ASSERT_EQ(sorted.size(), 100'001U);
  EXPECT_EQ(sorted.front(), "1.99999");
  EXPECT_EQ(sorted.back(), "1");
}

}  // namespace
}  // namespace imglife
