#include "engine/order/os_variant.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(NamesOnlyOsVariant, IsTrueOfSystemsWithAndWithoutNumber) {
  for (const char* tag : {"alpine", "alpine3.21", "alpine3", "bookworm", "bookworm-slim",
                          "slim-bookworm", "slim", "jammy", "ubi9-minimal", "ubuntu24.04",
                          "windowsservercore-ltsc2025", "nanoserver-1809", "debian12"}) {
    EXPECT_TRUE(NamesOnlyOsVariant(tag)) << tag;
  }
}

TEST(NamesOnlyOsVariant, IsFalseOfWhateverNamesMore) {
  for (const char* tag : {"", "-", "alpine-", "latest", "lts", "lts-alpine", "26-alpine3.21",
                          "3.21", "fpm", "fpm-alpine", "alpine3.21-perl", "alpinelinux", "ltsc2025",
                          "alpine-1809", "bookworm-20260803", "edge", "Alpine", "1809"}) {
    EXPECT_FALSE(NamesOnlyOsVariant(tag)) << tag;
  }
}

TEST(VersionOfTag, IsWhatStandsBeforeTheVariant) {
  EXPECT_EQ(VersionOfTag("26.7.0-alpine3.21"), "26.7.0");
  EXPECT_EQ(VersionOfTag("26.7.0"), "26.7.0");
  EXPECT_EQ(VersionOfTag("v1.2-slim"), "v1.2");
  EXPECT_EQ(VersionOfTag("3.15rc1-alpine3.21"), "3.15rc1");
  EXPECT_EQ(VersionOfTag("17.0.10_7-jdk-alpine"), "17.0.10_7");
  for (const char* tag : {"alpine3.21", "bookworm", "latest", "20260803", "bookworm-20260803"}) {
    EXPECT_EQ(VersionOfTag(tag), "") << tag;
  }
}

TEST(VersionsOfVariant, StartsWithThoseThatEndWithItNewestFirst) {
  EXPECT_THAT(VersionsOfVariant({"1.9-alpine3.21", "1.10-alpine3.21", "2.0", "1.10", "alpine3.21",
                                 "2.0-alpine3.22", "latest"},
                                "alpine3.21"),
              ElementsAre("1.10-alpine3.21", "1.9-alpine3.21", "2.0", "2.0-alpine3.22", "1.10"));
  EXPECT_THAT(VersionsOfVariant({"latest", "alpine"}, "alpine"), IsEmpty());
}

// `26-alpine3.21` belongs to the newest `26.x`, which names the version completely.
TEST(VersionsOfVariant, FloatingTagsComeAfterWholeVersions) {
  EXPECT_THAT(
      VersionsOfVariant({"26-alpine3.21", "26.7-alpine3.21", "26.7.0-alpine3.21"}, "alpine3.21"),
      ElementsAre("26.7.0-alpine3.21", "26.7-alpine3.21", "26-alpine3.21"));
}

}  // namespace
}  // namespace imglife
