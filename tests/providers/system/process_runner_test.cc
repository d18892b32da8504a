#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <fcntl.h>
#include <unistd.h>

#include "providers/files.h"
#include "providers/system/system.h"

namespace imglife {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ProcessRunnerTest : public ::testing::Test {
 protected:
  ProcessResult Run(const ProcessSpec& spec) {
    const auto result = runner_->Run(spec);
    EXPECT_TRUE(result.ok()) << result.status();
    return result.value_or(ProcessResult{.exit_code = -1});
  }

  ProcessResult Shell(const std::string& script, const std::string& input = "") {
    return Run({.argv = {"sh", "-c", script}, .input = input});
  }

  absl::Status Failure(const ProcessSpec& spec) { return runner_->Run(spec).status(); }

  std::unique_ptr<ProcessRunner> runner_ = MakeProcessRunner();
};

TEST_F(ProcessRunnerTest, TellsHowAProgramEnded) {
  const ProcessResult result = Shell("echo words; echo complaint >&2; exit 7");
  EXPECT_EQ(result.exit_code, 7);
  EXPECT_EQ(result.out, "words\n");
  EXPECT_EQ(result.err, "complaint\n");
  EXPECT_EQ(Shell("kill -9 $$").exit_code, 128 + 9);
  EXPECT_EQ(Run({.argv = {"true"}}).exit_code, 0);
}

TEST_F(ProcessRunnerTest, ArgumentsAreNoShellsBusiness) {
  EXPECT_EQ(Run({.argv = {"printf", "%s|", "a b", "", "$HOME", "*", "'"}}).out, "a b||$HOME|*|'|");
}

TEST_F(ProcessRunnerTest, AProgramThatIsntThereIsNamed) {
  const absl::Status status = Failure({.argv = {"imglife-no-such-program", "secret"}});
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("imglife-no-such-program"));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("secret")));
  EXPECT_TRUE(absl::IsNotFound(Failure({.argv = {"/no/such/program"}})));
  EXPECT_TRUE(absl::IsInvalidArgument(Failure({.argv = {}})));
  EXPECT_TRUE(absl::IsInvalidArgument(Failure({.argv = {""}})));
}

TEST_F(ProcessRunnerTest, AFileThatIsNoProgramIsntMissing) {
  const auto directory = TemporaryDirectory::Create("imglife-process-");
  ASSERT_TRUE(directory.ok()) << directory.status();
  ASSERT_TRUE(WriteFileAtomically(directory->path() + "/file", "text").ok());
  const absl::Status status = Failure({.argv = {directory->path() + "/file"}});
  EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
}

TEST_F(ProcessRunnerTest, AZeroByteDoesntCutAnArgument) {
  const std::string cut("a\0b", 3);
  EXPECT_TRUE(absl::IsInvalidArgument(Failure({.argv = {"echo", cut}})));
  EXPECT_TRUE(absl::IsInvalidArgument(Failure({.argv = {cut}})));
  EXPECT_TRUE(absl::IsInvalidArgument(Failure({.argv = {"true"}, .directory = cut})));
  EXPECT_TRUE(absl::IsInvalidArgument(Failure({.argv = {"true"}, .environment = {{"A", cut}}})));
}

TEST_F(ProcessRunnerTest, RunsInADirectory) {
  EXPECT_EQ(Run({.argv = {"pwd"}, .directory = "/"}).out, "/\n");
  const absl::Status status = Failure({.argv = {"pwd"}, .directory = "/no/such/directory"});
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("/no/such/directory"));
}

TEST_F(ProcessRunnerTest, AddsToTheEnvironmentAndReplacesPartsOfIt) {
  setenv("IMGLIFE_TEST_KEPT", "kept", 1);
  setenv("IMGLIFE_TEST_REPLACED", "old", 1);
  const ProcessResult result =
      Run({.argv = {"sh", "-c",
                    "echo $IMGLIFE_TEST_KEPT $IMGLIFE_TEST_REPLACED $IMGLIFE_TEST_ADDED; env"},
           .environment = {{"IMGLIFE_TEST_REPLACED", "new"}, {"IMGLIFE_TEST_ADDED", "a=b"}}});
  EXPECT_THAT(result.out, ::testing::StartsWith("kept new a=b\n"));
  EXPECT_THAT(result.out, Not(HasSubstr("=old")));
  EXPECT_EQ(std::string(getenv("IMGLIFE_TEST_REPLACED")), "old");
}

TEST_F(ProcessRunnerTest, CarriesMoreThanPipesHoldBothWaysAtOnce) {
  std::string input;
  for (int i = 0; i < 300000; ++i) input += std::to_string(i) + "\n";
  const ProcessResult result = Run({.argv = {"sh", "-c", "tee /dev/stderr"},
                                    .input = input,
                                    .max_output = std::size_t{16} << 20});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_TRUE(result.out == input);
  EXPECT_TRUE(result.err == input);
}

TEST_F(ProcessRunnerTest, AProgramThatDoesntReadItsInputIsNoTrouble) {
  const std::string input(1 << 20, 'x');
  EXPECT_EQ(Shell("exit 3", input).exit_code, 3);
  EXPECT_EQ(Shell("exec <&-; echo closed", input).out, "closed\n");
  EXPECT_EQ(Run({.argv = {"cat"}}).out, "");
}

TEST_F(ProcessRunnerTest, KeepsTheEndOfLongOutput) {
  std::string all;
  for (int i = 1; i <= 20000; ++i) all += std::to_string(i) + "\n";
  const ProcessResult result =
      Run({.argv = {"sh", "-c", "seq 20000; seq 20000 >&2"}, .max_output = 1000});
  EXPECT_EQ(result.out, all.substr(all.size() - 1000));
  EXPECT_EQ(result.err, all.substr(all.size() - 1000));
  EXPECT_EQ(Run({.argv = {"echo", "abc"}, .max_output = 4}).out, "abc\n");
  EXPECT_EQ(Run({.argv = {"echo", "abc"}, .max_output = 3}).out, "bc\n");
  EXPECT_EQ(Run({.argv = {"echo", "abc"}, .max_output = 0}).out, "");
}

TEST_F(ProcessRunnerTest, ChildrenGetThreeDescriptors) {
  const int inheritable = fcntl(STDERR_FILENO, F_DUPFD, 50);
  ASSERT_GE(inheritable, 50);
  const ProcessResult result = Shell("cd /proc/$$/fd && echo *");
  close(inheritable);
  // 3 is how the shell itself reads the directory.
  EXPECT_EQ(result.out, "0 1 2 3\n");
}

TEST_F(ProcessRunnerTest, ChildrenHaveNoSignalBlockedOrIgnored) {
  sigset_t blocked;
  sigemptyset(&blocked);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1}) sigaddset(&blocked, signal);
  sigset_t before;
  ASSERT_EQ(pthread_sigmask(SIG_BLOCK, &blocked, &before), 0);
  const auto pipe_handler = std::signal(SIGPIPE, SIG_IGN);
  const ProcessResult result =
      Run({.argv = {"sed", "-n", "s/^Sig\\(Blk\\|Ign\\):[ \\t]*//p", "/proc/self/status"}});
  std::signal(SIGPIPE, pipe_handler);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  std::istringstream masks(result.out);
  std::uint64_t blocked_there = 1;
  std::uint64_t ignored_there = 1;
  masks >> std::hex >> blocked_there >> ignored_there;
  EXPECT_EQ(blocked_there, 0u);
  // glibc sets its own signals, 32 and above, to be ignored.
  EXPECT_EQ(ignored_there & 0x7fffffff, 0u);
}

TEST_F(ProcessRunnerTest, ChildrenLeadAGroupAndHaveNoTerminal) {
  // proc(5): after the name come state, parent, group, session, terminal.
  const ProcessResult result =
      Shell("read -r line < /proc/$$/stat; set -- ${line##*) }; echo $(($3 - $$)) $(($4 - $$)) $5");
  EXPECT_EQ(result.out, "0 0 0\n");
  EXPECT_NE(Shell(": < /dev/tty").exit_code, 0);
}

TEST_F(ProcessRunnerTest, DoesntWaitForWhatAProgramLeavesBehind) {
  const absl::Time start = absl::Now();
  const ProcessResult result = Shell("sleep 1000 & echo $!");
  EXPECT_LT(absl::Now() - start, absl::Seconds(100));
  EXPECT_EQ(result.exit_code, 0);
  const pid_t left_behind = std::atoi(result.out.c_str());
  ASSERT_GT(left_behind, 0);
  EXPECT_EQ(kill(left_behind, SIGKILL), 0) << "what it left behind still ran";
}

TEST_F(ProcessRunnerTest, ManyThreadsRunProgramsAtOnce) {
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([this, thread] {
      for (int i = 0; i < 20; ++i) {
        const std::string text = std::to_string(thread) + "." + std::to_string(i);
        // Hangs if another child has inherited the end of this one's input.
        EXPECT_EQ(Run({.argv = {"cat"}, .input = text}).out, text);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(ProcessRunnerTest, LeavesNoDescriptorOpen) {
  const auto count = [] {
    const std::filesystem::directory_iterator begin("/proc/self/fd");
    return std::distance(begin, std::filesystem::directory_iterator());
  };
  const auto before = count();
  for (int i = 0; i < 5; ++i) {
    Shell("echo x", "input");
    Failure({.argv = {"imglife-no-such-program"}}).IgnoreError();
  }
  EXPECT_EQ(count(), before);
}

}  // namespace
}  // namespace imglife
