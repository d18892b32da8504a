#include "engine/cli/heartbeat.h"

#include <latch>
#include <mutex>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;

TEST(Heartbeat, SaysForHowLongAlready) {
  std::vector<std::string> said;
  std::latch twice{1};
  {
    const Heartbeat heartbeat(
        "reading",
        [&](const std::string& line) {
          if (said.size() < 2) said.push_back(line);
          if (said.size() == 2 && !twice.try_wait()) twice.count_down();
        },
        absl::Milliseconds(10));
    twice.wait();
  }
  EXPECT_THAT(said, ElementsAre("still reading (10ms)", "still reading (20ms)"));
}

TEST(Heartbeat, SaysNothingOfWhatIsQuick) {
  int said = 0;
  {
    const Heartbeat heartbeat(
        "reading", [&](const std::string&) { ++said; }, absl::Hours(1));
  }
  EXPECT_EQ(said, 0);
}

}  // namespace
}  // namespace imglife
