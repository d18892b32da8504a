#include "engine/observe/parallel.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <future>
#include <sys/resource.h>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

namespace imglife {
namespace {

// Root has no limit of processes, so the rest is somebody else's.
void AllowNoMoreThreads() {
  const rlimit none{1, 1};
  if (setrlimit(RLIMIT_NPROC, &none) != 0) std::exit(2);
  constexpr uid_t kNobodyElse = 61'234;
  if (geteuid() == 0 && setuid(kNobodyElse) != 0) std::exit(3);
}

TEST(ParallelFor, CallsEachOnce) {
  std::vector<std::atomic<int>> calls(1000);
  ParallelFor(calls.size(), 8, [&](std::size_t i) { ++calls[i]; });
  EXPECT_TRUE(std::all_of(calls.begin(), calls.end(), [](const auto& n) { return n == 1; }));
}

TEST(RunAll, RunsEachOnce) {
  std::vector<std::atomic<int>> calls(3 * kQuestionsInFlight);
  std::vector<Task> tasks;
  for (auto& n : calls) tasks.emplace_back([&n] { ++n; });
  RunAll(tasks);
  EXPECT_TRUE(std::all_of(calls.begin(), calls.end(), [](const auto& n) { return n == 1; }));
}

// Lists of both sides of a mirror, for instance: latency is paid once.
TEST(RunAll, RunsSideBySide) {
  std::promise<void> first;
  std::promise<void> second;
  std::atomic<bool> met{true};
  const auto meet = [&met](std::promise<void>& mine, std::promise<void>& other) {
    mine.set_value();
    const auto came = other.get_future().wait_for(std::chrono::seconds(30));
    if (came != std::future_status::ready) met = false;
  };
  RunAll({[&] { meet(first, second); }, [&] { meet(second, first); }});
  EXPECT_TRUE(met);
}

TEST(ParallelForDeathTest, GoesOnWithTheThreadsThatThereAre) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto run = [] {
    AllowNoMoreThreads();
    std::atomic<int> calls{0};
    ParallelFor(100, 8, [&](std::size_t) { ++calls; });
    std::_Exit(calls == 100 ? 0 : 1);
  };
  EXPECT_EXIT(run(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace imglife
