#include "providers/http/movement.h"

#include "gtest/gtest.h"

namespace imglife {
namespace {

SteadyTime After(int seconds) {
  return SteadyTime{} + std::chrono::seconds(seconds);
}

class MovementTest : public testing::Test {
 protected:
  Movement movement_{absl::Seconds(30)};
};

TEST_F(MovementTest, NothingStandsStillBeforeItBegins) {
  EXPECT_EQ(movement_.StallAt(After(1000)), Stall::kNone);
  movement_.GoOn(After(1000));
  EXPECT_EQ(movement_.StallAt(After(2000)), Stall::kNone);
}

TEST_F(MovementTest, SilenceIsAllowedForSoLong) {
  movement_.Begin(After(0));
  EXPECT_EQ(movement_.StallAt(After(30)), Stall::kNone);
  EXPECT_EQ(movement_.StallAt(After(31)), Stall::kSilent);
  movement_.Moved(1, After(31));
  EXPECT_EQ(movement_.StallAt(After(61)), Stall::kNone);
}

TEST_F(MovementTest, ADripIsNoMovement) {
  movement_.Begin(After(0));
  for (int second = 1; second <= 120; ++second) {
    movement_.Moved(1, After(second));
    EXPECT_EQ(movement_.StallAt(After(second)), Stall::kNone) << second;
  }
  movement_.Moved(1, After(121));
  EXPECT_EQ(movement_.StallAt(After(121)), Stall::kDripping);
}

TEST_F(MovementTest, SlowIsNoDrip) {
  movement_.Begin(After(0));
  for (int second = 20; second <= 2000; second += 20) {
    movement_.Moved(Movement::kLeastBytes / 4, After(second));
    EXPECT_EQ(movement_.StallAt(After(second)), Stall::kNone) << second;
  }
}

TEST_F(MovementTest, WhatThisSideHeldUpCountsAnew) {
  movement_.Begin(After(0));
  movement_.GoOn(After(1000));
  EXPECT_EQ(movement_.StallAt(After(1030)), Stall::kNone);
  EXPECT_EQ(movement_.StallAt(After(1031)), Stall::kSilent);
}

TEST_F(MovementTest, WhatMovesHasBegun) {
  movement_.Moved(1, After(1000));
  EXPECT_EQ(movement_.StallAt(After(1030)), Stall::kNone);
}

}  // namespace
}  // namespace imglife
