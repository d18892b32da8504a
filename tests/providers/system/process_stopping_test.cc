// Ending children: timeouts and StopAll.

#include <functional>
#include <optional>
#include <string>
#include <sys/stat.h>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "providers/files.h"
#include "providers/system/system.h"

namespace imglife {
namespace {

using ::testing::HasSubstr;

class ProcessStoppingTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = TemporaryDirectory::Create("imglife-process-");
    ASSERT_TRUE(made.ok()) << made.status();
    directory_.emplace(std::move(*made));
    ASSERT_EQ(mkfifo(Pipe("ready").c_str(), 0600), 0);
    ASSERT_EQ(mkfifo(Pipe("alive").c_str(), 0600), 0);
  }

  std::string Pipe(const std::string& name) const { return directory_->path() + "/" + name; }

  ProcessSpec Shell(const std::string& script) const {
    return {.argv = {"sh", "-c", script}, .directory = directory_->path()};
  }

  // Reads the pipe until nobody has it open any more.
  std::string ReadToTheEnd(const std::string& name) const {
    return ReadFile(Pipe(name)).value_or("unreadable");
  }

  // Runs a program that ignores SIGTERM, with a child that does so too, and calls `end` once it
  // does. Returns how long it took until the program was reported to have ended; the child is gone
  // as well then.
  absl::Duration EndStubborn(const std::function<void()>& end) {
    absl::Status status;
    std::thread running([&] {
      status = runner_
                   ->Run(Shell("trap '' TERM; exec 9>alive; echo > ready; "
                               "sh -c 'sleep 1000; :' & sleep 1000; :"))
                   .status();
    });
    std::thread reader([&] { ReadToTheEnd("alive"); });
    ReadToTheEnd("ready");
    const absl::Time start = absl::Now();
    end();
    running.join();
    const absl::Duration took = absl::Now() - start;
    reader.join();
    EXPECT_TRUE(absl::IsCancelled(status)) << status;
    return took;
  }

  std::optional<TemporaryDirectory> directory_;
  std::unique_ptr<ProcessRunner> runner_ = MakeProcessRunner();
};

TEST_F(ProcessStoppingTest, ATimeoutKillsTheWholeGroup) {
  std::string read;
  std::thread reader([&] { read = ReadToTheEnd("alive"); });
  ProcessSpec spec = Shell("trap '' TERM; exec 9>alive; sh -c 'sleep 1000; :' & sleep 1000; :");
  spec.timeout = absl::Milliseconds(300);
  const absl::Time start = absl::Now();
  const absl::Status status = runner_->Run(spec).status();
  // Ends only when the grandchild, which has it open, has ended.
  reader.join();
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("sh did not end within 300ms"));
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(300));
  EXPECT_EQ(read, "");
}

TEST_F(ProcessStoppingTest, ATimeoutThatIsFarAwayIsNone) {
  for (const absl::Duration timeout : {absl::Seconds(1000), absl::InfiniteDuration()}) {
    ProcessSpec spec = Shell("echo done");
    spec.timeout = timeout;
    const auto result = runner_->Run(spec);
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->out, "done\n");
  }
}

TEST_F(ProcessStoppingTest, StopAllLetsProgramsEndInGoodOrder) {
  absl::Status status;
  std::thread running([&] {
    status = runner_
                 ->Run(Shell("trap 'echo cleaned > cleaned; exit 0' TERM; echo > ready; "
                             "while :; do sleep 0.05; done"))
                 .status();
  });
  ReadToTheEnd("ready");
  runner_->StopAll();
  running.join();
  EXPECT_TRUE(absl::IsCancelled(status)) << status;
  EXPECT_EQ(ReadToTheEnd("cleaned"), "cleaned\n");
}

TEST_F(ProcessStoppingTest, StopAllEndsEveryGroup) {
  std::vector<absl::Status> statuses(4);
  std::vector<std::thread> running;
  for (std::size_t i = 0; i < statuses.size(); ++i) {
    ASSERT_EQ(mkfifo(Pipe("ready" + std::to_string(i)).c_str(), 0600), 0);
    running.emplace_back([&, i] {
      statuses[i] =
          runner_->Run(Shell("echo > ready" + std::to_string(i) + "; sleep 1000; :")).status();
    });
  }
  for (std::size_t i = 0; i < statuses.size(); ++i) ReadToTheEnd("ready" + std::to_string(i));
  runner_->StopAll();
  for (std::thread& thread : running) thread.join();
  for (const absl::Status& status : statuses) EXPECT_TRUE(absl::IsCancelled(status)) << status;
}

TEST_F(ProcessStoppingTest, WhoDoesntEndIsKilledAfterFiveSeconds) {
  const absl::Duration took = EndStubborn([&] {
    runner_->StopAll();
    runner_->StopAll();
  });
  EXPECT_GE(took, absl::Seconds(4.9));
  EXPECT_LT(took, absl::Seconds(60));
}

TEST_F(ProcessStoppingTest, KillAllWaitsForNobody) {
  EXPECT_LT(EndStubborn([&] { runner_->KillAll(); }), absl::Seconds(4));
}

TEST_F(ProcessStoppingTest, AfterStopAllNothingStarts) {
  runner_->StopAll();
  EXPECT_TRUE(absl::IsCancelled(runner_->Run(Shell("echo > started")).status()));
  EXPECT_TRUE(absl::IsNotFound(ReadFile(Pipe("started")).status()));
}

}  // namespace
}  // namespace imglife
