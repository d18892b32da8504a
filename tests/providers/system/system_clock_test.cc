#include <cstdlib>
#include <string>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "providers/system/system.h"

namespace imglife {
namespace {

using ::testing::HasSubstr;

absl::Time Instant(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << error;
  return time;
}

TEST(SystemClockTest, TellsTheTimeOfTheMachineUnlessToldOtherwise) {
  for (const Environment& environment :
       {Environment{}, Environment{{"SOURCE_DATE_EPOCH", ""}, {"IMGLIFE_NOW", ""}}}) {
    const auto clock = MakeSystemClock(environment);
    ASSERT_TRUE(clock.ok()) << clock.status();
    const absl::Time before = absl::Now();
    const absl::Time now = (*clock)->Now();
    const absl::Time policy_now = (*clock)->PolicyNow();
    EXPECT_LE(before, now);
    EXPECT_LE(now, policy_now);
    EXPECT_LE(policy_now, absl::Now());
  }
}

TEST(SystemClockTest, SourceDateEpochPinsWhatIsWrittenAndNoAges) {
  const auto clock = MakeSystemClock({{"SOURCE_DATE_EPOCH", "1767225600"}});
  ASSERT_TRUE(clock.ok()) << clock.status();
  EXPECT_EQ((*clock)->Now(), Instant("2026-01-01T00:00:00Z"));
  EXPECT_GE((*clock)->PolicyNow(), absl::Now() - absl::Minutes(1));
}

TEST(SystemClockTest, ImglifeNowPinsAgesAlone) {
  const auto clock =
      MakeSystemClock({{"SOURCE_DATE_EPOCH", "0"}, {"IMGLIFE_NOW", "2026-08-01T02:00:00.5+02:00"}});
  ASSERT_TRUE(clock.ok()) << clock.status();
  EXPECT_EQ((*clock)->Now(), absl::UnixEpoch());
  EXPECT_EQ((*clock)->PolicyNow(), Instant("2026-08-01T00:00:00.5Z"));
}

TEST(SystemClockTest, RefusesWhatIsNoNumber) {
  for (const char* const text : {"now", "1767225600s", " 1767225600", "1.5", "-1", "0x10",
                                 "253402300800", "99999999999999999999"}) {
    const auto clock = MakeSystemClock({{"SOURCE_DATE_EPOCH", text}});
    EXPECT_TRUE(absl::IsInvalidArgument(clock.status())) << text;
    EXPECT_THAT(std::string(clock.status().message()), HasSubstr("SOURCE_DATE_EPOCH")) << text;
  }
}

TEST(SystemClockTest, TakesTheLastSecondThatCanBeWritten) {
  const auto clock = MakeSystemClock({{"SOURCE_DATE_EPOCH", "253402300799"}});
  ASSERT_TRUE(clock.ok()) << clock.status();
  EXPECT_EQ((*clock)->Now(), Instant("9999-12-31T23:59:59Z"));
}

TEST(SystemClockTest, RefusesWhatIsNoInstant) {
  for (const char* const text :
       {"2026-08-01", "2026-08-01T00:00:00", "2026-08-01 00:00:00Z", "2026-02-30T00:00:00Z",
        "2026-08-01T25:00:00Z", " 2026-08-01T00:00:00Z", "2026-08-01T00:00:00Z\n",
        "infinite-future", "1767225600", "12026-08-01T00:00:00Z"}) {
    const auto clock = MakeSystemClock({{"IMGLIFE_NOW", text}});
    EXPECT_TRUE(absl::IsInvalidArgument(clock.status())) << text;
    EXPECT_THAT(std::string(clock.status().message()), HasSubstr("IMGLIFE_NOW")) << text;
  }
}

TEST(ReadEnvironmentTest, HoldsTheVariablesOfThisProcess) {
  setenv("IMGLIFE_TEST_VARIABLE", "a=b c", 1);
  setenv("IMGLIFE_TEST_EMPTY", "", 1);
  unsetenv("IMGLIFE_TEST_MISSING");
  const Environment environment = ReadEnvironment();
  ASSERT_EQ(environment.count("IMGLIFE_TEST_VARIABLE"), 1u);
  EXPECT_EQ(environment.find("IMGLIFE_TEST_VARIABLE")->second, "a=b c");
  ASSERT_EQ(environment.count("IMGLIFE_TEST_EMPTY"), 1u);
  EXPECT_EQ(environment.find("IMGLIFE_TEST_EMPTY")->second, "");
  EXPECT_EQ(environment.count("IMGLIFE_TEST_MISSING"), 0u);
}

}  // namespace
}  // namespace imglife
