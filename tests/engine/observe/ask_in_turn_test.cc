#include "engine/observe/ask_in_turn.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/observe/parallel.h"

namespace imglife {
namespace {

TEST(AskInTurn, AsksEachQuestionOnce) {
  std::mutex mutex;
  std::multiset<std::size_t> asked;
  AskInTurn({"a", "a", "a", "b", "c", "c"}, [&](std::size_t i) {
    const std::lock_guard lock(mutex);
    asked.insert(i);
  });
  EXPECT_THAT(asked, ::testing::ElementsAre(0, 1, 2, 3, 4, 5));
}

// The first that are in flight wait for a question of the second host: would they be all of the
// first one, they would wait for ever.
TEST(AskInTurn, NoHostTakesAllPlaces) {
  std::vector<std::string> hosts(2 * kQuestionsInFlight, "a");
  hosts.emplace_back("b");
  std::mutex mutex;
  std::condition_variable heard;
  bool second_asked = false;
  AskInTurn(hosts, [&](std::size_t i) {
    std::unique_lock lock(mutex);
    if (hosts[i] == "b") {
      second_asked = true;
      heard.notify_all();
    }
    EXPECT_TRUE(heard.wait_for(lock, std::chrono::seconds(30), [&] { return second_asked; }));
  });
}

}  // namespace
}  // namespace imglife
