#include "engine/observe/parallel.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
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
