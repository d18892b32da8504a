// The report on images and mirrors as people read it.
#include "engine/report/status_report.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace imglife {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(StatusAsMarkdown, CountsTheRowsOfEachTable) {
  StatusReport report;
  report.mirrors.resize(3);
  report.mirrors[0].eol = EolState::kOk;
  report.mirrors[1].eol = EolState::kOk;
  report.mirrors[2].eol = EolState::kExpired;
  const std::string mirrors =
      "Mirrors: ✅ OK: 2 · 🟡 < 90 days: 0 · ⚠️ < 30 days: 0 · ❌ Expired: 1 · ❔ "
      "Unknown: "
      "0\n";
  EXPECT_THAT(StatusAsMarkdown(report), HasSubstr(mirrors));
  EXPECT_THAT(StatusAsMarkdown(report), Not(HasSubstr("Base images")));

  report.images.resize(1);
  report.images[0].eol = EolState::kWarning;
  EXPECT_THAT(
      StatusAsMarkdown(report),
      HasSubstr(
          "Base images: ✅ OK: 0 · 🟡 < 90 days: 1 · ⚠️ < 30 days: 0 · ❌ Expired: 0 · "
          "❔ Unknown: 0\n\n" +
          mirrors));
}

}  // namespace
}  // namespace imglife
