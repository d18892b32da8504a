#include "providers/http/host_pauses.h"

#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace imglife {
namespace {

using Outcome = HostPauses::Outcome;

bool GoesOn() {
  return false;
}
bool IsStopped() {
  return true;
}

TEST(HostPauses, LastNoLongerThanAnybodyWaits) {
  HostPauses pauses;
  pauses.Pause("a.test", absl::Now() + absl::Hours(1));
  EXPECT_EQ(pauses.Wait("a.test", absl::Now() + absl::Minutes(2), GoesOn), Outcome::kTooLong);
  EXPECT_EQ(pauses.Wait("b.test", absl::Now(), GoesOn), Outcome::kTurn);
}

TEST(HostPauses, EndWithTheProcess) {
  HostPauses pauses;
  pauses.Pause("a.test", absl::Now() + absl::Hours(1));
  EXPECT_EQ(pauses.Wait("a.test", absl::Now() + absl::Hours(2), IsStopped), Outcome::kStopped);
}

// After a pause one goes after the other: who would have to wait too long for its turn does not
// wait at all.
TEST(HostPauses, AreFollowedByNoLongerQueueThanAnybodyWaits) {
  HostPauses pauses;
  pauses.Pause("a.test", absl::Now());
  int went = 0;
  while (went < 1000 &&
         pauses.Wait("a.test", absl::Now() + absl::Milliseconds(1), GoesOn) == Outcome::kTurn) {
    ++went;
  }
  EXPECT_GE(went, 1);
  EXPECT_LT(went, 1000);
}

}  // namespace
}  // namespace imglife
