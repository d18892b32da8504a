#include "schema/text/diagnostics.h"

#include <string>

#include "nlohmann/json.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace imglife {
namespace {

using testing::HasSubstr;
using testing::Not;

Finding At(int line, int column, std::string code = "code", std::string message = "text") {
  Finding finding;
  finding.code = std::move(code);
  finding.at = {line, column};
  finding.message = std::move(message);
  return finding;
}

TEST(RenderFinding, ShowsPlaceLineCaretAndNotes) {
  Finding finding = At(3, 3, "duplicate-key", "duplicate key `b`");
  finding.path = "a.b";
  finding.notes.push_back({{2, 3}, "first defined here"});
  EXPECT_EQ(RenderFinding("f.yaml", "a:\n  b: 1\n  b: 2\n", finding),
            "f.yaml:3:3: error: a.b: duplicate key `b`\n"
            "  b: 2\n"
            "  ^\n"
            "f.yaml:2:3: note: first defined here\n"
            "  b: 1\n"
            "  ^\n");
}

TEST(RenderFinding, LeavesOutWhatIsNotKnown) {
  EXPECT_EQ(RenderFinding("f", "a\n", At(0, 0)), "f: error: text\n");
  EXPECT_EQ(RenderFinding("f", "a\n", At(1, 0)), "f:1: error: text\na\n");
  EXPECT_EQ(RenderFinding("f", "a\n", At(9, 1)), "f:9:1: error: text\n");
  Finding warning = At(1, 1);
  warning.severity = Severity::kWarning;
  EXPECT_EQ(RenderFinding("f", "a", warning), "f:1:1: warning: text\na\n^\n");
}

TEST(RenderFinding, AlignsTheCaretWithWhatIsShown) {
  EXPECT_EQ(RenderFinding("f",
                          "\xEF\xBB\xBF"
                          "ab\r\n",
                          At(1, 2)),
            "f:1:2: error: text\nab\n ^\n");
  EXPECT_EQ(RenderFinding("f", "\xC3\xA4: x\n", At(1, 5)),
            "f:1:5: error: text\n\xC3\xA4: x\n   ^\n");
  EXPECT_EQ(RenderFinding("f", "\x1b[1m: x", At(1, 7)),
            "f:1:7: error: text\n\\x1b[1m: x\n         ^\n");
  EXPECT_EQ(RenderFinding("f", "ab", At(1, 99)), "f:1:99: error: text\nab\n  ^\n");
}

TEST(RenderFinding, CutsLongLinesAroundTheCaret) {
  const std::string line = std::string(5000, 'a') + "!" + std::string(5000, 'b');
  const std::string shown = RenderFinding("f", line, At(1, 5001));
  EXPECT_LT(shown.size(), 400u);
  EXPECT_THAT(shown, HasSubstr("...aaa"));
  EXPECT_THAT(shown, HasSubstr("bbb...\n"));
  const std::size_t start = shown.find("...");
  EXPECT_EQ(shown.find('!') - start, shown.find('^') - shown.find('\n', start) - 1);
}

TEST(RenderFinding, HidesSecretsOfTheLineAndItsNotes) {
  Finding finding = At(2, 6);
  finding.hides_source = true;
  finding.notes.push_back({{1, 1}, "also"});
  const std::string shown = RenderFinding("f", "a: https://u:pw@host\n  b: - s3cret\n", finding);
  EXPECT_EQ(shown, "f:2:6: error: text\n  b: ***\n     ^\nf:1:1: note: also\na: ***\n   ^\n");
  EXPECT_THAT(RenderFinding("f", "ghp_abcdef: 1\n", At(1, 1)), Not(HasSubstr("abcdef")));
  EXPECT_THAT(RenderFinding("f", "[x, glpat-abcdef]\n", At(1, 2)), Not(HasSubstr("abcdef")));
}

TEST(Findings, NeverHoldCredentials) {
  Findings findings;
  Finding finding = At(1, 1, "code", "found `ghp_abcdef`");
  finding.path = "a.ghp_abcdef";
  finding.suggestion = "https://u:p@host/x";
  finding.notes.push_back({{1, 1}, "ghp_abcdef"});
  findings.Add(finding);
  const Finding kept = findings.Sorted()[0];
  EXPECT_EQ(kept.message, "found `***`");
  EXPECT_EQ(kept.suggestion, "https://***@host/x");
  EXPECT_EQ(kept.notes[0].message, "***");
  EXPECT_THAT(FindingsAsJson("f", findings), Not(HasSubstr("abcdef")));
}

TEST(Findings, SortByPlaceThenCodeAndCountTheRest) {
  Findings findings;
  EXPECT_FALSE(findings.HasErrors());
  findings.Add(At(2, 1, "b"));
  findings.Add(At(2, 1, "a"));
  findings.Add(At(1, 9, "c"));
  const std::vector<Finding> sorted = findings.Sorted();
  EXPECT_EQ(sorted[0].code + sorted[1].code + sorted[2].code, "cab");
  for (std::size_t i = 3; i < Findings::kMost + 7; ++i) findings.Add(At(3, 1));
  EXPECT_EQ(findings.Sorted().size(), Findings::kMost);
  EXPECT_EQ(findings.Omitted(), 7u);
  EXPECT_TRUE(findings.HasErrors());
}

TEST(Findings, WarningsAreNoErrors) {
  Findings findings;
  Finding warning = At(1, 1);
  warning.severity = Severity::kWarning;
  findings.Add(warning);
  EXPECT_FALSE(findings.HasErrors());
}

TEST(FindingsAsJson, HasTheDocumentedForm) {
  Findings findings;
  Finding finding = At(3, 4, "unknown-key", "unknown key `a\xFF`");
  finding.path = "sync.a";
  finding.suggestion = "b";
  findings.Add(finding);
  const std::string text = FindingsAsJson("dir/imglife.yaml", findings);
  EXPECT_TRUE(text.ends_with("}\n"));
  const nlohmann::json document = nlohmann::json::parse(text);
  EXPECT_EQ(document["findings"][0], (nlohmann::json{{"code", "unknown-key"},
                                                     {"severity", "error"},
                                                     {"file", "dir/imglife.yaml"},
                                                     {"line", 3},
                                                     {"column", 4},
                                                     {"path", "sync.a"},
                                                     {"message", "unknown key `a\xEF\xBF\xBD`"},
                                                     {"suggestion", "b"}}));
  EXPECT_EQ(nlohmann::json::parse(FindingsAsJson("f", Findings()))["findings"].size(), 0u);
}

}  // namespace
}  // namespace imglife
