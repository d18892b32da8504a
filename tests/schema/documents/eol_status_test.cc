#include "schema/documents/eol_status.h"

#include "gtest/gtest.h"

namespace imglife {
namespace {

EolCycle Cycle(const std::string& name, const std::string& codename = "") {
  EolCycle cycle;
  cycle.cycle = name;
  if (!codename.empty()) cycle.codename = codename;
  return cycle;
}

LifecycleRef Extract(LifecycleExtract extract, const std::string& regex = "") {
  LifecycleRef lifecycle;
  lifecycle.extract = extract;
  lifecycle.regex = regex;
  return lifecycle;
}

std::string CycleName(const std::string& tag, const LifecycleRef& lifecycle,
                      const EolCycles& cycles) {
  const EolCycle* cycle = CycleOfTag(tag, lifecycle, cycles);
  return cycle == nullptr ? "none" : cycle->cycle;
}

const LifecycleRef kFull = Extract(LifecycleExtract::kFull);

TEST(CycleOfTag, IsTheLongestPrefixOfWholeComponents) {
  const EolCycles cycles = {Cycle("1.20"), Cycle("1.2"), Cycle("1"), Cycle("3.24")};
  EXPECT_EQ(CycleName("1.20.3-alpine3.24", kFull, cycles), "1.20");
  EXPECT_EQ(CycleName("1.2.5", kFull, cycles), "1.2");
  EXPECT_EQ(CycleName("1.25", kFull, cycles), "1");
  EXPECT_EQ(CycleName("v1.2", kFull, cycles), "1.2");
  EXPECT_EQ(CycleName("2.0", kFull, cycles), "none");
  EXPECT_EQ(CycleName("lts-alpine3.24", kFull, cycles), "none");
  EXPECT_EQ(CycleName("10.2", kFull, cycles), "none");
}

TEST(CycleOfTag, IsCutWhereTheConfigurationSays) {
  const EolCycles cycles = {Cycle("1.2.3"), Cycle("1.2"), Cycle("1")};
  EXPECT_EQ(CycleName("1.2.3.4", Extract(LifecycleExtract::kMajor), cycles), "1");
  EXPECT_EQ(CycleName("1.2.3.4", Extract(LifecycleExtract::kMinor), cycles), "1.2");
  EXPECT_EQ(CycleName("1.2.3.4", Extract(LifecycleExtract::kPatch), cycles), "1.2.3");
  EXPECT_EQ(CycleName("1.2.3.4", kFull, cycles), "1.2.3");
}

TEST(CycleOfTag, FindsCodenames) {
  const EolCycles cycles = {Cycle("12", "Bookworm"), Cycle("22.04", "Jammy Jellyfish")};
  EXPECT_EQ(CycleName("bookworm-slim", kFull, cycles), "12");
  EXPECT_EQ(CycleName("jammy", kFull, cycles), "22.04");
  EXPECT_EQ(CycleName("bookwormx", kFull, cycles), "none");
  EXPECT_EQ(CycleName("jellyfish", kFull, cycles), "none");
}

TEST(CycleOfTag, TakesTheGroupOfAnExpression) {
  const EolCycles cycles = {Cycle("3.24"), Cycle("12", "Bookworm")};
  const LifecycleRef suffix = Extract(LifecycleExtract::kRegex, "-alpine(\\d+\\.\\d+)");
  EXPECT_EQ(CycleName("1.27.0-alpine3.24", suffix, cycles), "3.24");
  EXPECT_EQ(CycleName("1.27.0", suffix, cycles), "none");
  EXPECT_EQ(CycleName("1.27-bookworm", Extract(LifecycleExtract::kRegex, "-([a-z]+)$"), cycles),
            "12");
}

EolState On(const std::string& day, const std::optional<DateOrBool>& eol) {
  absl::CivilDay today;
  EXPECT_TRUE(absl::ParseCivilTime(day, &today));
  EolCycle cycle = Cycle("1");
  cycle.eol = eol;
  return EolStateOn(today, &cycle, 90, 30);
}

TEST(EolStateOn, CountsWholeDays) {
  const DateOrBool eol{absl::CivilDay(2026, 11, 1), false};
  EXPECT_EQ(On("2026-11-02", eol), EolState::kExpired);
  EXPECT_EQ(On("2026-11-01", eol), EolState::kCritical);
  EXPECT_EQ(On("2026-10-02", eol), EolState::kCritical);
  EXPECT_EQ(On("2026-10-01", eol), EolState::kWarning);
  EXPECT_EQ(On("2026-08-03", eol), EolState::kWarning);
  EXPECT_EQ(On("2026-08-02", eol), EolState::kOk);
}

TEST(EolStateOn, KnowsYesNoAndNothing) {
  EXPECT_EQ(On("2026-01-01", DateOrBool{std::nullopt, true}), EolState::kExpired);
  EXPECT_EQ(On("2026-01-01", DateOrBool{std::nullopt, false}), EolState::kOk);
  EXPECT_EQ(On("2026-01-01", std::nullopt), EolState::kUnknown);
  EXPECT_EQ(EolStateOn(absl::CivilDay(2026), nullptr, 90, 30), EolState::kUnknown);
}

TEST(NewestSupportedCycle, IsTheFirstThatIsNotOver) {
  EolCycles cycles = {Cycle("4"), Cycle("3"), Cycle("2")};
  cycles[0].eol = DateOrBool{std::nullopt, true};
  cycles[1].eol = DateOrBool{absl::CivilDay(2026, 1, 1), false};
  cycles[2].eol = DateOrBool{std::nullopt, false};
  EXPECT_EQ(NewestSupportedCycle(absl::CivilDay(2026, 1, 1), cycles), &cycles[1]);
  EXPECT_EQ(NewestSupportedCycle(absl::CivilDay(2026, 1, 2), cycles), &cycles[2]);
  cycles.pop_back();
  EXPECT_EQ(NewestSupportedCycle(absl::CivilDay(2026, 1, 2), cycles), nullptr);
}

TEST(EolDateText, IsADateOrAWord) {
  EolCycle cycle = Cycle("1");
  EXPECT_EQ(EolDateText(&cycle), "");
  EXPECT_EQ(EolDateText(nullptr), "");
  cycle.eol = DateOrBool{absl::CivilDay(2027, 5, 1), false};
  EXPECT_EQ(EolDateText(&cycle), "2027-05-01");
  cycle.eol = DateOrBool{std::nullopt, false};
  EXPECT_EQ(EolDateText(&cycle), "no");
}

}  // namespace
}  // namespace imglife
