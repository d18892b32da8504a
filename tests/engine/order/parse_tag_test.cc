#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/order/tag_order.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(ParseTag, TakesAVersionApart) {
  const ParsedTag tag = ParseTag("v17.0.010_07-rc.2.1-jdk-alpine3.21");
  EXPECT_EQ(tag.kind, TagKind::kVersion);
  EXPECT_EQ(tag.prefix, "");
  EXPECT_THAT(tag.numbers, ElementsAre("17", "0", "10"));
  EXPECT_EQ(tag.build, "7");
  EXPECT_TRUE(tag.has_marker());
  EXPECT_THAT(tag.marker_numbers, ElementsAre("2", "1"));
  EXPECT_EQ(tag.suffix, "jdk-alpine3.21");
}

TEST(ParseTag, PrefixIsLettersAndDashes) {
  EXPECT_EQ(ParseTag("alpine3.21").prefix, "alpine");
  EXPECT_EQ(ParseTag("jdk-21.0.1").prefix, "jdk-");
  EXPECT_EQ(ParseTag("v1.2").prefix, "");
  EXPECT_EQ(ParseTag("V1.2").prefix, "V");
  EXPECT_EQ(ParseTag("release_1.2").kind, TagKind::kOther);
}

struct KindCase {
  const char* tag;
  TagKind kind;
};

class Kinds : public ::testing::TestWithParam<KindCase> {};

TEST_P(Kinds, AreTold) {
  EXPECT_EQ(ParseTag(GetParam().tag).kind, GetParam().kind);
}

INSTANTIATE_TEST_SUITE_P(
    Versions, Kinds,
    ::testing::Values(KindCase{"3", TagKind::kVersion}, KindCase{"3.21.3", TagKind::kVersion},
                      KindCase{"v3", TagKind::kVersion}, KindCase{"8u302-b08", TagKind::kVersion},
                      KindCase{"3m", TagKind::kVersion}, KindCase{"7rc1", TagKind::kVersion},
                      KindCase{"17.6-202510071958-standard", TagKind::kVersion},
                      KindCase{"1.2-2024-01-15", TagKind::kVersion},
                      KindCase{"2023.4.20240416.0", TagKind::kVersion},
                      KindCase{"20241301", TagKind::kVersion},
                      KindCase{"windowsservercore-ltsc2019", TagKind::kVersion}));

INSTANTIATE_TEST_SUITE_P(Dates, Kinds,
                         ::testing::Values(KindCase{"20260805", TagKind::kDate},
                                           KindCase{"202608051530", TagKind::kDate},
                                           KindCase{"2026-08-05", TagKind::kDate},
                                           KindCase{"v20260805", TagKind::kDate},
                                           KindCase{"bookworm-20260803-slim", TagKind::kDate},
                                           KindCase{"noble-20260730.1", TagKind::kDate},
                                           KindCase{"RELEASE.2024-01-16T16-07-38Z", TagKind::kDate},
                                           KindCase{"jdk-21-20240101", TagKind::kDate},
                                           KindCase{"19900101", TagKind::kDate},
                                           KindCase{"20991231", TagKind::kDate},
                                           KindCase{"20240229", TagKind::kDate}));

INSTANTIATE_TEST_SUITE_P(NoDates, Kinds,
                         ::testing::Values(KindCase{"19891231", TagKind::kVersion},
                                           KindCase{"21000101", TagKind::kVersion},
                                           KindCase{"20230229", TagKind::kVersion},
                                           KindCase{"20240431", TagKind::kVersion},
                                           KindCase{"202608052400", TagKind::kVersion},
                                           KindCase{"202608051260", TagKind::kVersion},
                                           KindCase{"202608051", TagKind::kVersion},
                                           KindCase{"20260805153000", TagKind::kVersion},
                                           KindCase{"2026-8-05", TagKind::kVersion},
                                           KindCase{"2026-08-051", TagKind::kVersion}));

INSTANTIATE_TEST_SUITE_P(
    Others, Kinds,
    ::testing::Values(KindCase{"latest", TagKind::kOther}, KindCase{"", TagKind::kOther},
                      KindCase{"32bit", TagKind::kOther},
                      KindCase{"32bit-stretch", TagKind::kOther},
                      KindCase{"1a2b3c4", TagKind::kOther},
                      KindCase{"0123456789abcdef0123456789abcdef01234567", TagKind::kOther},
                      KindCase{"a20240101", TagKind::kOther}, KindCase{"_1.2", TagKind::kOther}));

INSTANTIATE_TEST_SUITE_P(
    NoCommitHashes, Kinds,
    ::testing::Values(KindCase{"1a2b3c", TagKind::kVersion}, KindCase{"1234567", TagKind::kVersion},
                      KindCase{"1A2b3c4", TagKind::kVersion},
                      KindCase{"0123456789abcdef0123456789abcdef012345678", TagKind::kVersion}));

struct MarkerCase {
  const char* tag;
  bool marker;
  const char* suffix;
};

class Markers : public ::testing::TestWithParam<MarkerCase> {};

TEST_P(Markers, AreTold) {
  const ParsedTag tag = ParseTag(GetParam().tag);
  EXPECT_EQ(tag.has_marker(), GetParam().marker);
  EXPECT_EQ(tag.suffix, GetParam().suffix);
}

INSTANTIATE_TEST_SUITE_P(
    Words, Markers,
    ::testing::Values(
        MarkerCase{"1.0-bookworm", false, "bookworm"}, MarkerCase{"1.0-alpine", false, "alpine"},
        MarkerCase{"1.0-preface", false, "preface"},
        MarkerCase{"1.0-development", false, "development"},
        MarkerCase{"1.0-mainline", false, "mainline"}, MarkerCase{"1.0-b", true, ""},
        MarkerCase{"1.0b2", true, ""}, MarkerCase{"3.15.0-rc.4", true, ""},
        MarkerCase{"3.17.0_rc1", true, ""}, MarkerCase{"1.0.RC1", true, ""},
        MarkerCase{"8.0-M3", true, ""}, MarkerCase{"8.10-rc2-alpine3.23", true, "alpine3.23"},
        MarkerCase{"22-ea-12-jdk", true, "jdk"}, MarkerCase{"8.0-rc-32bit", true, "32bit"},
        MarkerCase{"1.0-SNAPSHOT", true, ""}, MarkerCase{"1.0_preview.2", true, ""}));

TEST(ParseTag, MarkerNumbers) {
  EXPECT_THAT(ParseTag("3.15.0-rc.4").marker_numbers, ElementsAre("4"));
  EXPECT_THAT(ParseTag("22-ea-12-jdk").marker_numbers, ElementsAre("12"));
  EXPECT_THAT(ParseTag("8.0-rc-32bit").marker_numbers, IsEmpty());
  EXPECT_THAT(ParseTag("1.0beta").marker_numbers, IsEmpty());
}

TEST(ParseTag, Builds) {
  EXPECT_EQ(ParseTag("17.0.10_7-jdk").build, "7");
  EXPECT_EQ(ParseTag("17.0.10+7").build, "7");
  EXPECT_EQ(ParseTag("17.0.10_7rc1").build, "7");
  EXPECT_EQ(ParseTag("17.0_32bit").build, "");
  EXPECT_EQ(ParseTag("17.0_32bit").suffix, "32bit");
  EXPECT_EQ(ParseTag("17.0-7").build, "");
  EXPECT_EQ(ParseTag("17.0-7").suffix, "7");
}

TEST(ParseTag, DatesHaveTheirTail) {
  const ParsedTag tag = ParseTag("noble-20260730.1-slim");
  EXPECT_EQ(tag.prefix, "noble-");
  EXPECT_EQ(tag.date, "20260730");
  EXPECT_EQ(tag.date_tail, ".1-slim");
  EXPECT_THAT(tag.numbers, ElementsAre("1"));
  EXPECT_EQ(tag.suffix, "slim");
  EXPECT_EQ(ParseTag("2026-07-30").date, "20260730");
  EXPECT_EQ(ParseTag("202607301259").date, "202607301259");
}

TEST(ParseTag, AnyBytesAreATag) {
  for (const char* text : {".", "1.", "1..2", "1_", "1+", "v", "1-", "\xff\xfe", "1.\xff"}) {
    EXPECT_EQ(ParseTag(text).tag, text);
  }
}

}  // namespace
}  // namespace imglife
