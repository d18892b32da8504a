// Image layouts: a relative one is beside the configuration, from wherever a command is run.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/layouts_fixture.h"

namespace imglife {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr char kMirrorOfOne[] = R"(sync:
  entries:
    - {source: $UPSTREAM/library/alpine, tag: "3.24.1", target: 'ocidir://m/alpine'}
)";

class LayoutsByNameTest : public LayoutsTest {
 protected:
  void SetUp() override {
    Push(upstream_, "library/alpine", "3.24.1");
    Write("team/imglife.yaml", kMirrorOfOne);
    std::filesystem::create_directories(Path("elsewhere"));
  }

  std::string Content(const std::string& name) const { return ReadFile(Path(name)).value_or(""); }
};

TEST_F(LayoutsByNameTest, ARelativeOneIsBesideTheConfiguration) {
  ASSERT_THAT(RunIn("", {"apply", "--config", "team/imglife.yaml"}), ExitsWith(0));
  EXPECT_THAT(TagsOf("team/m/alpine"), ElementsAre("3.24.1"));
  EXPECT_FALSE(Exists("m"));
  for (const auto& [from, config] : {std::pair<std::string, std::string>{"team", "imglife.yaml"},
                                     {"elsewhere", "../team/imglife.yaml"},
                                     {"elsewhere", Path("team/imglife.yaml")}}) {
    EXPECT_THAT(RunIn(from, {"plan", "--detailed-exitcode", "--config", config}), ExitsWith(0))
        << from << " " << config;
  }
}

TEST_F(LayoutsByNameTest, IsNamedAsItIsWrittenWherever) {
  const ImglifeRun here = RunIn("team", {"plan", "--out", "plan.json"});
  EXPECT_THAT(here.out, HasSubstr("+ copy    ocidir://m/alpine:3.24.1"));
  const ImglifeRun there = RunIn("elsewhere", {"plan", "--config", "../team/imglife.yaml"});
  EXPECT_EQ(there.out, here.out);
  Write("other/team/imglife.yaml", kMirrorOfOne);
  ASSERT_THAT(RunIn("other/team", {"plan", "--out", "plan.json"}), ExitsWith(0));
  EXPECT_EQ(Content("other/team/plan.json"), Content("team/plan.json"));
}

TEST_F(LayoutsByNameTest, ASavedPlanActsOnTheSameLayoutFromAnywhere) {
  ASSERT_THAT(RunIn("", {"plan", "--config", "team/imglife.yaml", "--out", "plan.json"}),
              ExitsWith(0));
  const ImglifeRun lost = RunIn("elsewhere", {"apply", "../plan.json"});
  EXPECT_THAT(lost, ExitsWith(4));
  EXPECT_THAT(lost.err,
              HasSubstr("../plan.json: the plan was made for the configuration team/imglife.yaml, "
                        "which is not there from this directory; name it with --config"));
  EXPECT_FALSE(Exists("team/m"));

  ASSERT_THAT(RunIn("elsewhere", {"apply", "../plan.json", "--config", "../team/imglife.yaml"}),
              ExitsWith(0));
  EXPECT_THAT(TagsOf("team/m/alpine"), ElementsAre("3.24.1"));
  EXPECT_FALSE(Exists("elsewhere/m"));
  for (const char* from : {"", "team"}) {
    const std::string plan = Path("plan.json");
    EXPECT_THAT(RunIn(from, {"apply", plan}).out, HasSubstr("0 added, 0 changed")) << from;
    EXPECT_THAT(RunIn(from, {"apply", plan}), ExitsWith(0)) << from;
  }
  EXPECT_FALSE(Exists("m"));
}

TEST_F(LayoutsByNameTest, AnotherConfigurationThanThePlansIsNamed) {
  ASSERT_THAT(RunIn("team", {"plan", "--config", Path("team/imglife.yaml"), "--out", "plan.json"}),
              ExitsWith(0));
  std::filesystem::rename(Path("team"), Path("moved"));
  Write("elsewhere/imglife.yaml", std::string(kMirrorOfOne) + "retention: {keep_last: 1}\n");
  const ImglifeRun run = RunIn("elsewhere", {"apply", "../moved/plan.json"});
  EXPECT_THAT(run, ExitsWith(4));
  EXPECT_THAT(run.err, HasSubstr("imglife.yaml was read: if the plan's configuration is "
                                 "elsewhere, name it with --config"));
  EXPECT_FALSE(Exists("elsewhere/m"));
}

TEST_F(LayoutsByNameTest, TwoNamesAreFoundFromAnywhere) {
  const auto refusal = [&](const std::string& other) {
    Write("team/imglife.yaml", std::string(kMirrorOfOne) +
                                   "    - {source: $UPSTREAM/library/alpine, tag: '3.24.1', "
                                   "target: 'ocidir://" +
                                   other + "'}\n");
    return RunIn("", {"plan", "--config", "team/imglife.yaml"}).err;
  };
  EXPECT_THAT(refusal(Path("team/m/alpine")), HasSubstr("they are the same directory"));
  EXPECT_THAT(refusal(Path("m/alpine")), Not(HasSubstr("they are the same directory")));
}

}  // namespace
}  // namespace imglife
