#include "schema/documents/eol_data.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kFile[] = R"(# Kept by the platform team.

alpine:
  - cycle: "3.24"
    releaseDate: "2026-06-09"
    eol: "2028-06-01"
    latest: "3.24.1"
    latestReleaseDate: "2026-06-13"
    lts: false
  - cycle: "3.23"
    eol: "2027-11-01"
    link: "https://alpinelinux.org/?a=\"b\"\\"
own-product:
  - cycle: "2"
    eol: false
    support: true
    extendedSupport: "2030-01-01"
    codename: "Blue Jay"
)";

EolData Read(const std::string& content) {
  Findings findings;
  auto data = ReadEolData(content, findings);
  std::string said;
  for (const Finding& finding : findings.Sorted()) {
    said += RenderFinding("eol-data.yaml", content, finding);
  }
  EXPECT_TRUE(data.has_value()) << said;
  return data.value_or(EolData());
}

TEST(EolData, SurvivesReadingAndWriting) {
  EXPECT_EQ(WriteEolData(Read(kFile)), kFile);
}

TEST(EolData, OfAnEmptyFileIsEmpty) {
  EXPECT_TRUE(Read("").products.empty());
  EXPECT_TRUE(Read("# only a comment\n").products.empty());
  EXPECT_EQ(WriteEolData(Read("# only a comment\n")), "# only a comment\n{}\n");
  EXPECT_TRUE(Read(WriteEolData(EolData())).products.empty());
}

TEST(EolData, TakesWhatPeopleWriteByHand) {
  const EolData data = Read("go:\n- {cycle: 1.20, eol: 2024-02-06}\n'null': []\n");
  EXPECT_EQ(data.products.at("go").at(0).cycle, "1.20");
  EXPECT_EQ(data.products.at("go").at(0).eol->date, absl::CivilDay(2024, 2, 6));
  EXPECT_EQ(WriteEolData(data),
            "go:\n  - cycle: \"1.20\"\n    eol: \"2024-02-06\"\n\"null\": []\n");
}

TEST(EolData, NamesWhatIsWrongAndWhere) {
  const std::vector<std::pair<std::string, std::string>> all = {
      {"- a\n", "1:1: error: must be a mapping from products"},
      {"go: 3\n", "1:5: error: go: must be a list of cycles"},
      {"go: [3]\n", "1:6: error: go[0]: must be a mapping"},
      {"go:\n- {eol: false}\n", "`cycle` is needed"},
      {"go:\n- {cycle: '1', eol: soon}\n", "2:21: error: go[0].eol: must be a date, YYYY-MM-DD"},
      {"go:\n- {cycle: '1', eol: '2024-02-30'}\n", "go[0].eol: must be a date"},
      {"go:\n- {cycle: '1', releaseDate: true}\n", "go[0].releaseDate: must be a date"},
      {"go:\n- {cycle: '1', lates: x}\n", "unknown key `lates`, did you mean `latest`?"},
      {"go:\n- {cycle: '1'}\n- {cycle: '1'}\n", "the cycle 1 is there twice"},
      {"go: [\n", "error"}};
  for (const auto& [content, expected] : all) {
    Findings findings;
    EXPECT_FALSE(ReadEolData(content, findings).has_value()) << content;
    std::string said;
    for (const Finding& finding : findings.Sorted()) {
      said += RenderFinding("e.yaml", content, finding);
    }
    EXPECT_THAT(said, HasSubstr(expected));
  }
}

std::vector<std::string> Changes(const std::string& before, const std::string& after) {
  std::vector<std::string> lines;
  for (const EolCycleChange& change : CompareEolData(Read(before), Read(after))) {
    const char* kinds[] = {"+", "~", "-"};
    lines.push_back(std::string(kinds[static_cast<int>(change.kind)]) + " " + change.product + " " +
                    change.cycle + ": " + change.what);
  }
  return lines;
}

TEST(CompareEolData, SaysWhatAPersonWouldSay) {
  EXPECT_THAT(
      Changes("a:\n- {cycle: '2', eol: 2027-05-01, latest: '2.1'}\n- {cycle: '1', eol: true}\n",
              "a:\n- {cycle: '3', eol: 2028-06-01}\n"
              "- {cycle: '2', eol: 2027-06-01, latest: '2.1', lts: false}\n"),
      ElementsAre("+ a 3: eol 2028-06-01", "~ a 2: eol 2027-05-01 → 2027-06-01, lts no",
                  "- a 1: "));
  EXPECT_THAT(Changes("", "b:\n- {cycle: x}\n"), ElementsAre("+ b x: "));
  EXPECT_THAT(Changes("a:\n- {cycle: '1', eol: true}\n", "a:\n- {cycle: '1'}\n"),
              ElementsAre("~ a 1: eol yes is gone"));
  EXPECT_TRUE(Changes(kFile, kFile).empty());
}

}  // namespace
}  // namespace imglife
