// The files of testdata/config: what is valid decodes, and what isn't says exactly what its golden
// file says.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schema/config/read_config.h"
#include "schema/text/diagnostics.h"
#include "tests/support/golden.h"

namespace imglife {
namespace {

const Environment& TestEnvironment() {
  static const Environment environment = {{"CI_PROJECT_ID", "42"},
                                          {"CI_REGISTRY", "registry.gitlab.example.com"},
                                          {"LEAKED_TOKEN", "ghp_leaked"},
                                          {"SLACK_URL", "https://hooks.example.com/T0/secret"}};
  return environment;
}

std::vector<std::string> Files(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry :
       std::filesystem::directory_iterator(IMGLIFE_TESTDATA "/config/" + folder)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string TestName(const testing::TestParamInfo<std::string>& info) {
  std::string name = std::filesystem::path(info.param).stem().string();
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

std::string Render(const std::string& content, const Findings& findings) {
  std::string out;
  for (const Finding& finding : findings.Sorted()) {
    out += RenderFinding("imglife.yaml", content, finding);
  }
  return out;
}

class ValidFile : public testing::TestWithParam<std::string> {};

TEST_P(ValidFile, Decodes) {
  const std::string content = ReadTestFile(GetParam());
  Findings findings;
  const std::optional<Config> config =
      ReadConfig("imglife.yaml", content, TestEnvironment(), findings);
  EXPECT_TRUE(config.has_value());
  EXPECT_EQ(Render(content, findings), "");
}

INSTANTIATE_TEST_SUITE_P(Config, ValidFile, testing::ValuesIn(Files("valid")), TestName);

class RefusedFile : public testing::TestWithParam<std::string> {};

TEST_P(RefusedFile, SaysWhatIsWrong) {
  const std::string content = ReadTestFile(GetParam());
  Findings findings;
  EXPECT_FALSE(ReadConfig("imglife.yaml", content, TestEnvironment(), findings).has_value());
  EXPECT_TRUE(findings.HasErrors());
  const std::string golden = std::filesystem::path(GetParam()).replace_extension(".txt").string();
  ExpectGolden(golden, Render(content, findings));
}

INSTANTIATE_TEST_SUITE_P(Structure, RefusedFile, testing::ValuesIn(Files("invalid")), TestName);
INSTANTIATE_TEST_SUITE_P(Meaning, RefusedFile, testing::ValuesIn(Files("invalid-semantic")),
                         TestName);

TEST(Credentials, AreInNoOutputAtAll) {
  for (const std::string& file : Files("invalid-semantic")) {
    const std::string content = ReadTestFile(file);
    Findings findings;
    ReadConfig("imglife.yaml", content, TestEnvironment(), findings);
    const std::string shown = Render(content, findings) + FindingsAsJson("imglife.yaml", findings);
    for (const char* secret : {"password@", "abcdefghijklmnop", "0123456789", "IOSFODNN", "eyJ",
                               "leaked", "T0/secret", "at_secret", "secretkey"}) {
      EXPECT_THAT(shown, testing::Not(testing::HasSubstr(secret))) << file;
    }
  }
}

}  // namespace
}  // namespace imglife
