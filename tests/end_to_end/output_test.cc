// Results that can't be delivered, and reports that would not be whole.
#include <atomic>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/breaking_proxy.h"
#include "tests/end_to_end/registries_fixture.h"
#include "tests/support/golden.h"

namespace imglife {
namespace {

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

TEST_F(OutputTest, PlanningWritesNothing) {
  NewRequests(private_);
  EXPECT_THAT(Run({"plan"}).out, HasSubstr("- delete "));
  EXPECT_THAT(NewWrites(private_), IsEmpty());
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
