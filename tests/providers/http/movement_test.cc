#include "providers/http/movement.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace imglife {
namespace {

using ::testing::Eq;
using ::testing::Optional;

SteadyTime After(int seconds) {
  return SteadyTime{} + std::chrono::seconds(seconds);
}

class MovementTest : public testing::Test {
 protected:
  Movement movement_{absl::Seconds(30)};
};

TEST_F(MovementTest, NothingStandsStillBeforeItBegins) {
  EXPECT_EQ(movement_.Stalled(After(1000)), std::nullopt);
  movement_.GoOn(After(1000));
  EXPECT_EQ(movement_.Stalled(After(2000)), std::nullopt);
}

TEST_F(MovementTest, SilenceIsAllowedForSoLong) {
  movement_.Begin(After(0));
  EXPECT_EQ(movement_.Stalled(After(30)), std::nullopt);
  EXPECT_THAT(movement_.Stalled(After(31)), Optional(Eq("nothing for 30s")));
  movement_.Moved(1, After(31));
  EXPECT_EQ(movement_.Stalled(After(61)), std::nullopt);
}

TEST_F(MovementTest, ADripIsNoMovement) {
  movement_.Begin(After(0));
  for (int second = 1; second <= 120; ++second) {
    movement_.Moved(1, After(second));
    EXPECT_EQ(movement_.Stalled(After(second)), std::nullopt) << second;
  }
  movement_.Moved(1, After(121));
  EXPECT_THAT(movement_.Stalled(After(121)), Optional(Eq("less than 1024 bytes in 2m")));
}

TEST_F(MovementTest, SlowIsNoDrip) {
  movement_.Begin(After(0));
  for (int second = 20; second <= 2000; second += 20) {
    movement_.Moved(Movement::kLeastBytes / 4, After(second));
    EXPECT_EQ(movement_.Stalled(After(second)), std::nullopt) << second;
  }
}

TEST_F(MovementTest, WhatThisSideHeldUpCountsAnew) {
  movement_.Begin(After(0));
  movement_.GoOn(After(1000));
  EXPECT_EQ(movement_.Stalled(After(1030)), std::nullopt);
  EXPECT_THAT(movement_.Stalled(After(1031)), Optional(Eq("nothing for 30s")));
}

TEST_F(MovementTest, WhatMovesHasBegun) {
  movement_.Moved(1, After(1000));
  EXPECT_EQ(movement_.Stalled(After(1030)), std::nullopt);
}

}  // namespace
}  // namespace imglife
