// Results that can't be delivered, and reports that would not be whole.
#include <atomic>
#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/breaking_proxy.h"
#include "tests/end_to_end/registries_fixture.h"
#include "tests/support/golden.h"

namespace imglife {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class OutputTest : public RegistriesTest {
 protected:
  void SetUp() override {
    Push(upstream_, "library/alpine", "3.1");
    Push(private_, "mirrors/alpine", "2.0", Image("old", "2020-01-01"));
    Configure(R"(sync:
  entries: [{source: $UPSTREAM/library/alpine, tag_regex: '^3', target: $PRIVATE/mirrors/alpine}]
retention: {keep_last: 0}
)");
    EXPECT_THAT(Run({"plan", "--out", "plan.json"}), ExitsWith(0));
  }

  void ExpectTold(const std::string& script) const {
    for (const char* command : {"plan", "plan --json", "status", "show plan.json"}) {
      const ImglifeRun run = RunScript(
          directory_.path(), "set -- " + std::string(command) + "\n" + script, environment_);
      EXPECT_THAT(run, ExitsWith(1)) << command;
      EXPECT_THAT(run.err, HasSubstr("error: standard output could not be written completely\n"))
          << command;
    }
  }
};

TEST_F(OutputTest, AFullDiskIsAnError) {
  ExpectTold("imglife \"$@\" > /dev/full");
}

// The reader is gone before anything is written.
TEST_F(OutputTest, AClosedPipeIsAnError) {
  ExpectTold("rm -f pipe; mkfifo pipe; (exec 3< pipe) & exec 4> pipe; wait $!; imglife \"$@\" >&4");
}

// What is opened next must not get its number: the plan would be written into it.
TEST_F(OutputTest, AClosedStandardOutputIsAnError) {
  ExpectTold("imglife \"$@\" >&-");
  ExpectTold("imglife \"$@\" <&- >&-");
  const ImglifeRun deaf =
      RunScript(directory_.path(), "imglife plan > plan.txt <&- 2>&-", environment_);
  EXPECT_THAT(deaf, ExitsWith(0));
  EXPECT_THAT(ReadTestFile(Path("plan.txt")), HasSubstr("\nPlan: 1 to add"));
}

TEST_F(OutputTest, HelpThatCannotBeReadIsAnError) {
  for (const char* command : {"imglife --help > /dev/full", "imglife plan --help >&-",
                              "imglife version >&-", "imglife schema plan > /dev/full"}) {
    const ImglifeRun run = RunScript(directory_.path(), command, environment_);
    EXPECT_THAT(run, ExitsWith(1)) << command;
    EXPECT_THAT(run.err, HasSubstr("standard output could not be written completely\n")) << command;
  }
}

// A deletion is carried out and told in vain: the exit code says so.
TEST_F(OutputTest, AnApplyThatCannotTellIsAnError) {
  for (const char* command : {"sync", "cleanup", "apply --auto-approve"}) {
    const ImglifeRun run =
        RunScript(directory_.path(), "imglife " + std::string(command) + " >&-", environment_);
    EXPECT_THAT(run, ExitsWith(1)) << command;
    EXPECT_THAT(run.err, HasSubstr("standard output could not be written completely\n")) << command;
  }
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.1"));
  EXPECT_THAT(Run({"plan"}).out, HasSubstr("No changes."));
}

TEST_F(OutputTest, PlanningWritesNothing) {
  NewRequests(private_);
  EXPECT_THAT(Run({"plan"}).out, HasSubstr("- delete "));
  EXPECT_THAT(NewWrites(private_), IsEmpty());
}

TEST_F(OutputTest, DirectoriesAreNotMade) {
  for (const std::string option : {"--out", "--markdown", "--gitlab-report"}) {
    const ImglifeRun run = Run({"plan", option, "nowhere/file"});
    EXPECT_THAT(run, ExitsWith(1)) << option;
    EXPECT_THAT(run.err, HasSubstr(option + " nowhere/file: there is no directory nowhere"));
  }
  EXPECT_THAT(Run({"status", "--output", "nowhere/file"}), ExitsWith(1));
  EXPECT_THAT(Run({"show", "plan.json", "--markdown", "nowhere/file"}), ExitsWith(1));
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"apply", "--auto-approve", "--journal", "nowhere/file"},
        {"cleanup", "--journal", "nowhere/file"},
        {"eol", "update", "--data-file", "nowhere/file"}}) {
    const ImglifeRun run = Run(command);
    EXPECT_THAT(run, ExitsWith(1));
    EXPECT_THAT(run.err, HasSubstr(" nowhere/file: there is no directory nowhere"));
  }
  EXPECT_FALSE(std::filesystem::exists(Path("nowhere")));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("2.0"));
}

TEST_F(OutputTest, ADashIsNoFile) {
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"plan", "--markdown", "-"},
        {"plan", "--out", "-"},
        {"plan", "--gitlab-report", "-"},
        {"status", "--output", "-"},
        {"apply", "--journal", "-"},
        {"eol", "update", "--data-file", "-"},
        {"build", "--output-dir", "-"},
        {"show", "plan.json", "--markdown", "-"}}) {
    const ImglifeRun run = Run(command);
    EXPECT_THAT(run, ExitsWith(64)) << testing::PrintToString(command);
    EXPECT_THAT(run.out, IsEmpty());
    EXPECT_THAT(run.err, HasSubstr("- is no file, and standard output has the result already"));
  }
  EXPECT_FALSE(std::filesystem::exists(Path("-")));
}

// What can't be read is told, and the report that was there stays.
TEST_F(OutputTest, AStatusReportHasNoHoles) {
  std::string broken;
  const BreakingProxy proxy(private_.host(), [&](int, const std::string& line) {
    return line.find(broken) == std::string::npos ? Fault::kNone : Fault::kUnavailable;
  });
  environment_["PRIVATE"] = proxy.host();
  Write("STATUS.md", "before\n");
  for (const char* part : {"/tags/list", "/manifests/2.0"}) {
    broken = part;
    const ImglifeRun run = Run({"status", "--output", "STATUS.md"});
    EXPECT_THAT(run, ExitsWith(1)) << part;
    EXPECT_THAT(run.err, HasSubstr(proxy.host() + "/mirrors/alpine")) << part;
    EXPECT_THAT(run.err, HasSubstr("the report is not written: it would have holes")) << part;
    EXPECT_EQ(ReadTestFile(Path("STATUS.md")), "before\n") << part;
  }
}

}  // namespace
}  // namespace imglife
