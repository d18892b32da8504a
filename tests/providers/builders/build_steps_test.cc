#include "providers/builders/build_steps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace imglife {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class OneResult final : public ProcessRunner {
 public:
  explicit OneResult(absl::StatusOr<ProcessResult> result) : result_(std::move(result)) {}
  absl::StatusOr<ProcessResult> Run(const ProcessSpec&) override { return result_; }
  void StopAll() override {}
  void KillAll() override {}

 private:
  absl::StatusOr<ProcessResult> result_;
};

absl::Status RunWith(absl::StatusOr<ProcessResult> result) {
  OneResult processes(std::move(result));
  return RunBuildStep(processes, Command({"docker", "build"}), "docker build of host/app:1");
}

TEST(LastLines, ShowsStandardOutputBeforeErrors) {
  EXPECT_EQ(LastLines({1, "STEP 1\nSTEP 2\n", "Error: no\n"}), "STEP 1\nSTEP 2\nError: no");
}

TEST(LastLines, KeepsTheLastTwenty) {
  std::string out;
  for (int i = 1; i <= 30; ++i) out += "line " + std::to_string(i) + "\n";
  const std::string lines = LastLines({1, out, "the end"});
  EXPECT_THAT(lines, StartsWith("line 12\nline 13\n"));
  EXPECT_THAT(lines, EndsWith("line 30\nthe end"));
}

TEST(LastLines, LeavesOutEmptyLinesAndWhatWasOverwritten) {
  EXPECT_EQ(LastLines({1, "", "\n 1%\r50%\r100%\r\n\n\nfailed\r\n"}), "100%\nfailed");
}

TEST(LastLines, CutsLongLines) {
  const std::string line = LastLines({1, "COPY" + std::string(5000, 'x') + ": no such file", ""});
  EXPECT_THAT(line, AllOf(StartsWith("COPY"), HasSubstr(" … "), EndsWith(": no such file")));
  EXPECT_LE(line.size(), 410u);
}

TEST(LastLines, IsHarmlessForTerminals) {
  const std::string line = LastLines({1, "\x1b[2J\x07 ok\n", ""});
  EXPECT_THAT(line, Not(HasSubstr("\x1b")));
  EXPECT_THAT(line, Not(HasSubstr("\x07")));
  EXPECT_THAT(line, EndsWith(" ok"));
}

TEST(RunBuildStep, IsOkIfTheProgramSucceeds) {
  EXPECT_TRUE(RunWith(ProcessResult{0, "", "warning"}).ok());
}

TEST(RunBuildStep, EndsWithTheOutputOfAFailure) {
  const absl::Status status = RunWith(ProcessResult{17, "", "no such file\n"});
  EXPECT_TRUE(absl::IsInternal(status));
  EXPECT_EQ(std::string(status.message()),
            "docker build of host/app:1 failed (exit code 17):\nno such file");
}

TEST(RunBuildStep, HasNoColonWithoutOutput) {
  EXPECT_EQ(std::string(RunWith(ProcessResult{1, "", ""}).message()),
            "docker build of host/app:1 failed (exit code 1)");
}

TEST(RunBuildStep, SaysWhatForeignPlatformsNeed) {
  const absl::Status status =
      RunWith(ProcessResult{1, "", "exec container process `/bin/sh`: Exec format error\n"});
  EXPECT_THAT(std::string(status.message()), HasSubstr("qemu-user-static"));
}

TEST(RunBuildStep, SaysWhichProgramIsMissing) {
  const absl::Status status = RunWith(absl::NotFoundError("no such program"));
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("the program docker isn't in PATH"));
}

TEST(RunBuildStep, PassesOnThatItWasStopped) {
  EXPECT_TRUE(absl::IsCancelled(RunWith(absl::CancelledError("stopped"))));
}

}  // namespace
}  // namespace imglife
