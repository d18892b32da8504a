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

class StatusAsHtmlTest : public ::testing::Test {
 protected:
  StatusReport report_;
};

TEST_F(StatusAsHtmlTest, CountsTheRowsOfEachTableInTheWordsOfMarkdown) {
  report_.images.resize(1);
  report_.images[0].eol = EolState::kCritical;
  EXPECT_THAT(StatusAsHtml(report_),
              HasSubstr("<p>Base images: ✅ OK: 0 · 🟡 &lt; 90 days: 0 · ⚠️ "
                        "&lt; 30 days: 1 · ❌ Expired: 0 · ❔ Unknown: 0</p>"));
  EXPECT_THAT(StatusAsHtml(report_), HasSubstr("<td>⚠️ &lt; 30 days</td>"));
  EXPECT_THAT(StatusAsHtml(report_), Not(HasSubstr("Mirrors")));
}

TEST_F(StatusAsHtmlTest, HasTheTablesOfProducts) {
  EolCycle cycle;
  cycle.cycle = "3.21";
  cycle.release_date = absl::CivilDay(2024, 12, 5);
  cycle.eol = DateOrBool{.date = absl::CivilDay(2026, 11, 1)};
  cycle.latest = "3.21.<5>";
  report_.products = {{"alpine", {cycle}}};
  EXPECT_THAT(StatusAsHtml(report_),
              HasSubstr("<h3>alpine</h3>\n<table>\n<tr><th>Cycle</th><th>Released</th><th>EOL</th>"
                        "<th>Latest</th><th>LTS</th></tr>\n<tr><td>3.21</td><td>2024-12-05</td>"
                        "<td>2026-11-01</td><td>3.21.&lt;5&gt;</td><td>–</td></tr>\n</table>"));
}

TEST_F(StatusAsHtmlTest, KeepsTheLinesOfPeopleAndLetsNoMarkupThrough) {
  report_.client_zone = "Ask\n<platform>\x07\n";
  EXPECT_THAT(StatusAsHtml(report_), HasSubstr("<pre>Ask\n&lt;platform&gt;\\x07\n</pre>"));
}

}  // namespace
}  // namespace imglife
