#include "engine/observe/check_builds.h"

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "providers/files.h"
#include "schema/config/read_config.h"

namespace imglife {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Config ReadTestConfig(const std::string& yaml) {
  Findings findings;
  const auto config = ReadConfig("imglife.yaml", yaml, {}, findings);
  EXPECT_TRUE(config) << yaml;
  return config.value_or(Config());
}

class CheckBuildsTest : public ::testing::Test {
 protected:
  CheckBuildsTest() { Template("FROM {{.BaseImage}}\n"); }

  void Template(const std::string& text) const {
    EXPECT_TRUE(WriteFileAtomically(directory_.path() + "/app/Dockerfile.tmpl", text).ok());
  }

  // "LINE PATH: MESSAGE" of each.
  std::vector<std::string> Check(const std::string& tag_format, const std::string& tag,
                                 const std::string& folder = "app") const {
    const Config config = ReadTestConfig(fmt::format(R"(build:
  core_version: '1.0'
  registry: r.io/bases
  tag_format: '{}'
  images:
    - {{name: app, folder: '{}/{}', type: core, mirror_image: r.io/m{}}}
)",
                                                     tag_format, directory_.path(), folder, tag));
    Findings findings;
    CheckBuilds(config, findings);
    std::vector<std::string> texts;
    for (const Finding& finding : findings.Sorted()) {
      texts.push_back(fmt::format("{} {}: {}", finding.at.line, finding.path, finding.message));
    }
    return texts;
  }

  const TemporaryDirectory directory_ = TemporaryDirectory::Create("check-builds").value();
};

constexpr char kTag[] = ", mirror_tag: '3.1'";

TEST_F(CheckBuildsTest, FindNothingWhereNothingIsWrong) {
  EXPECT_THAT(Check("{{.Version}}-core{{.CoreVersion}}", kTag), IsEmpty());
  EXPECT_THAT(Check("{version}", ""), IsEmpty());
  // Which tag it will be isn't known.
  EXPECT_THAT(Check("{{index (split \".\" .Version) 1}}", ""), IsEmpty());
}

TEST_F(CheckBuildsTest, FindTagFormatsThatGiveNoTag) {
  for (const char* tag : {kTag, ""}) {
    EXPECT_THAT(Check("{{.Version", tag),
                ElementsAre(HasSubstr("4 build.images[0]: build.tag_format:1:")));
    EXPECT_THAT(Check("{{.Nope}}", tag), ElementsAre(HasSubstr("Nope")));
    EXPECT_THAT(Check("{{.Version | nofunc}}", tag), ElementsAre(HasSubstr("nofunc")));
  }
  EXPECT_THAT(Check("{{.Version}} x", kTag), ElementsAre(HasSubstr("gives the tag \"3.1 x\"")));
  EXPECT_THAT(Check("{{index (split .Version \".\") 2}}", kTag), ElementsAre(HasSubstr("4 ")));
}

TEST_F(CheckBuildsTest, FindTemplatesThatAreNotThereOrDoNotParse) {
  EXPECT_THAT(
      Check("{version}", kTag, "nowhere"),
      ElementsAre(AllOf(HasSubstr("6 build.images[0]: "), HasSubstr("nowhere/Dockerfile.tmpl"))));
  Template("FROM {{.BaseImage}}\nRUN {{if}}\n");
  EXPECT_THAT(Check("{version}", kTag), ElementsAre(HasSubstr("app/Dockerfile.tmpl:2:")));
}

}  // namespace
}  // namespace imglife
