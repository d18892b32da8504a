#include "providers/eol/endoflife_documents.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "fmt/format.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Contents(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.is_open()) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

const std::filesystem::path kEolData = std::filesystem::path(IMGLIFE_TESTDATA) / "eol";

std::vector<std::string> Products() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kEolData / "v1")) {
    names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string V1Release(const std::string& fields) {
  return R"({"schema_version":"1.2.1","result":{"name":"p","releases":[{"name":"1")" +
         (fields.empty() ? "" : "," + fields) + "}]}}";
}

EolCycle OneV1(const std::string& fields) {
  const absl::StatusOr<EolCycles> cycles = ParseProductV1(V1Release(fields), "p");
  EXPECT_TRUE(cycles.ok()) << cycles.status();
  return cycles.ok() && cycles->size() == 1 ? cycles->front() : EolCycle{};
}

EolCycle OneV0(const std::string& fields) {
  const absl::StatusOr<EolCycles> cycles =
      ParseProductV0(R"([{"cycle":"1")" + (fields.empty() ? "" : "," + fields) + "}]");
  EXPECT_TRUE(cycles.ok()) << cycles.status();
  return cycles.ok() && cycles->size() == 1 ? cycles->front() : EolCycle{};
}

DateOrBool On(int year, int month, int day) {
  return DateOrBool{absl::CivilDay(year, month, day), false};
}
DateOrBool Is(bool value) {
  return DateOrBool{std::nullopt, value};
}

class EveryProduct : public ::testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(TestData, EveryProduct, ::testing::ValuesIn(Products()),
                         [](const auto& product) {
                           std::string name = product.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST_P(EveryProduct, HasTheSameCyclesInBothForms) {
  const absl::StatusOr<EolCycles> current =
      ParseProductV1(Contents(kEolData / "v1" / (GetParam() + ".json")), GetParam());
  ASSERT_TRUE(current.ok()) << current.status();
  absl::StatusOr<EolCycles> older =
      ParseProductV0(Contents(kEolData / "v0" / (GetParam() + ".json")));
  ASSERT_TRUE(older.ok()) << older.status();
  ASSERT_FALSE(current->empty());
  ASSERT_EQ(current->size(), older->size());
  for (std::size_t i = 0; i < current->size(); ++i) {
    EolCycle expected = (*older)[i];
    // The excerpt's v1 documents have no such columns, and no `latest` for products without one.
    expected.support.reset();
    expected.extended_support.reset();
    if (!(*current)[i].latest.has_value()) {
      expected.latest.reset();
      expected.latest_release_date.reset();
      expected.link.reset();
    }
    EXPECT_TRUE((*current)[i] == expected) << expected.cycle;
  }
}

TEST(ProductV1, GivesTheFieldsThatTheOlderApiHas) {
  const EolCycle cycle = OneV1(R"("codename":"Jammy Jellyfish","label":"22.04 LTS",
      "releaseDate":"2022-04-21","isLts":true,"ltsFrom":"2022-04-22","isEoas":false,
      "eoasFrom":"2024-09-30","isEol":false,"eolFrom":"2027-04-01","isDiscontinued":true,
      "discontinuedFrom":"2020-01-01","isEoes":false,"eoesFrom":"2032-04-09","isMaintained":true,
      "latest":{"name":"22.04.5","date":"2024-09-12","link":"https://example.com/22.04"},
      "custom":{"kernel":"5.15"})");
  EolCycle expected;
  expected.cycle = "1";
  expected.codename = "Jammy Jellyfish";
  expected.release_date = absl::CivilDay(2022, 4, 21);
  expected.lts = On(2022, 4, 22);
  expected.support = On(2024, 9, 30);
  expected.eol = On(2027, 4, 1);
  expected.extended_support = On(2032, 4, 9);
  expected.latest = "22.04.5";
  expected.latest_release_date = absl::CivilDay(2024, 9, 12);
  expected.link = "https://example.com/22.04";
  EXPECT_TRUE(cycle == expected);
}

TEST(ProductV1, AsksIsItOverWhereTheOlderApiAsksIsItThere) {
  EXPECT_EQ(OneV1(R"("isEoas":false,"eoasFrom":null)").support, Is(true));
  EXPECT_EQ(OneV1(R"("isEoas":true,"eoasFrom":null)").support, Is(false));
  EXPECT_EQ(OneV1(R"("isEoes":false,"eoesFrom":null)").extended_support, Is(true));
  EXPECT_EQ(OneV1(R"("isEoes":true,"eoesFrom":null)").extended_support, Is(false));
}

TEST(ProductV1, TakesEolAndLtsAsTheyAre) {
  EXPECT_EQ(OneV1(R"("isEol":true,"eolFrom":null)").eol, Is(true));
  EXPECT_EQ(OneV1(R"("isEol":false,"eolFrom":null)").eol, Is(false));
  EXPECT_EQ(OneV1(R"("isLts":true,"ltsFrom":null)").lts, Is(true));
}

TEST(ProductV1, PrefersTheDateToTheFlagComputedFromIt) {
  EXPECT_EQ(OneV1(R"("isEol":true,"eolFrom":"2026-07-11")").eol, On(2026, 7, 11));
}

TEST(ProductV1, LeavesOutWhatIsNotThere) {
  EolCycle expected;
  expected.cycle = "1";
  EXPECT_TRUE(OneV1("") == expected);
  EXPECT_TRUE(OneV1(R"("codename":null,"isEoas":null,"eoasFrom":null,"latest":null)") == expected);
}

// The older API says `false` for a product that has the column and a cycle without a value.
TEST(ProductV1, HasNoExtendedSupportWhereTheColumnIsEmpty) {
  EXPECT_EQ(OneV1(R"("isEoes":null,"eoesFrom":null)").extended_support, Is(false));
}

TEST(ProductV0, ReadsDatesAndFlags) {
  const EolCycle cycle = OneV0(R"("releaseDate":"2023-06-10","eol":"2026-07-11","lts":"2026-07-12",
      "support":true,"extendedSupport":false,"latest":"12.15","latestReleaseDate":"2026-07-11",
      "codename":"Bookworm","link":null,"pep":"PEP-0745","outOfOrder":true)");
  EolCycle expected;
  expected.cycle = "1";
  expected.release_date = absl::CivilDay(2023, 6, 10);
  expected.eol = On(2026, 7, 11);
  expected.lts = On(2026, 7, 12);
  expected.support = Is(true);
  expected.extended_support = Is(false);
  expected.latest = "12.15";
  expected.latest_release_date = absl::CivilDay(2026, 7, 11);
  expected.codename = "Bookworm";
  EXPECT_TRUE(cycle == expected);
}

TEST(ProductV1, RefusesOtherForms) {
  const auto message = [](const std::string& body) {
    const absl::StatusOr<EolCycles> cycles = ParseProductV1(body, "p");
    EXPECT_TRUE(absl::IsInvalidArgument(cycles.status())) << body;
    return std::string(cycles.status().message());
  };
  EXPECT_THAT(message("<!DOCTYPE html>"), HasSubstr("not JSON"));
  EXPECT_THAT(message(""), HasSubstr("not JSON"));
  EXPECT_THAT(message("[]"), HasSubstr("not an object"));
  EXPECT_THAT(message("{}"), HasSubstr("`result`"));
  EXPECT_THAT(message(R"({"result":{"releases":{}}})"), HasSubstr("`result.releases`"));
  EXPECT_THAT(message(R"({"result":{"releases":["1"]}})"), HasSubstr("not an object"));
  EXPECT_THAT(message(R"({"result":{"releases":[{}]}})"), HasSubstr("cycle 1 has no name"));
  EXPECT_THAT(message(V1Release(R"("name":3)")), HasSubstr("cycle 1: `name` is not a string"));
  EXPECT_THAT(message(V1Release(R"("isEol":"yes")")), HasSubstr("`isEol` is not true or false"));
  EXPECT_THAT(message(V1Release(R"("eolFrom":true)")), HasSubstr("`eolFrom`"));
  EXPECT_THAT(message(V1Release(R"("latest":"1.2")")), HasSubstr("`latest`"));
  EXPECT_THAT(message(V1Release(R"("latest":{"date":"soon"})")), HasSubstr("`date` is not a date"));
  EXPECT_THAT(message(R"({"result":{"releases":[{"name":"1\u001b[2J"}]}})"),
              HasSubstr("cycle 1: `name` is not free of control characters"));
  EXPECT_THAT(message(V1Release(R"("latest":{"name":"1\n2"})")),
              HasSubstr("`name` is not free of control characters"));
}

TEST(ProductV1, RefusesWhatIsAboutAnotherProduct) {
  const std::string body =
      R"({"result":{"name":"alpine-linux","aliases":["alpine"],"releases":[{"name":"3"}]}})";
  for (const char* name : {"alpine-linux", "alpine", "Alpine"}) {
    EXPECT_TRUE(ParseProductV1(body, name).ok()) << name;
  }
  const absl::Status other = ParseProductV1(body, "debian").status();
  EXPECT_TRUE(absl::IsFailedPrecondition(other)) << other;
  EXPECT_EQ(other.message(), "it is about alpine-linux, not about debian");
}

TEST(ProductV1, RefusesDatesThatAreNone) {
  for (const char* date : {"2026-02-30", "2026-2-3", "2026-02-03T00:00:00Z", " 2026-02-03", ""}) {
    EXPECT_FALSE(ParseProductV1(V1Release(fmt::format(R"("eolFrom":"{}")", date)), "p").ok())
        << date;
    EXPECT_FALSE(ParseProductV0(fmt::format(R"([{{"cycle":"1","eol":"{}"}}])", date)).ok()) << date;
  }
}

TEST(ProductV0, RefusesOtherForms) {
  for (const char* body : {"<html>", "{}", "[1]", "[{}]", R"([{"cycle":""}])", R"([{"cycle":1}])",
                           R"([{"cycle":"1","eol":3}])", R"([{"cycle":"1","lts":"no"}])",
                           R"([{"cycle":"1"},{"cycle":"1"}])"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseProductV0(body).status())) << body;
  }
}

TEST(Products, AreBounded) {
  std::string body = "[";
  for (std::size_t i = 0; i < kMostEolCycles; ++i) body += fmt::format(R"({{"cycle":"{}"}},)", i);
  EXPECT_TRUE(ParseProductV0(body.substr(0, body.size() - 1) + "]").ok());
  EXPECT_TRUE(absl::IsInvalidArgument(ParseProductV0(body + R"({"cycle":"x"}])").status()));
}

TEST(Products, SurviveDeepNesting) {
  const std::string deep(200000, '[');
  EXPECT_FALSE(ParseProductV0(deep).ok());
  EXPECT_FALSE(ParseProductV0(deep + std::string(200000, ']')).ok());
}

TEST(ProductNames, ComeFromEitherList) {
  EXPECT_THAT(ParseProductNames(R"(["go","debian","go"])"), ElementsAre("debian", "go"));
  EXPECT_THAT(
      ParseProductNames(R"({"result":[{"name":"go","aliases":["golang",1]},{"label":"x"},null]})"),
      ElementsAre("go", "golang"));
}

TEST(ProductNames, AreNoneInAnythingElse) {
  EXPECT_THAT(ParseProductNames("<html>"), IsEmpty());
  EXPECT_THAT(ParseProductNames(R"({"result":"go"})"), IsEmpty());
  EXPECT_THAT(ParseProductNames("7"), IsEmpty());
}

}  // namespace
}  // namespace imglife
