#include "tests/end_to_end/every_request.h"

#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace imglife {
namespace {

// A run never sends so many.
constexpr int kMostRequests = 200;

}  // namespace

void ForEveryRequest(int least, const std::function<bool(int)>& disturbed_at, int at_once) {
  std::atomic<int> next{1};
  std::atomic<int> reached{0};
  std::atomic<bool> beyond{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < at_once; ++i) {
    threads.emplace_back([&] {
      while (!beyond && next <= kMostRequests) {
        if (disturbed_at(next++)) {
          ++reached;
        } else {
          beyond = true;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(beyond) << "no run was short enough";
  EXPECT_GE(reached, least);
}

}  // namespace imglife
