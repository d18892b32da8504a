#include "providers/http/host_pauses.h"

#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace imglife {
namespace {

TEST(HostPauses, LastNoLongerThanAnybodyWaits) {
  HostPauses pauses;
  pauses.Pause("a.test", absl::Now() + absl::Hours(1));
  EXPECT_FALSE(pauses.Wait("a.test", absl::Now() + absl::Minutes(2)));
  EXPECT_TRUE(pauses.Wait("b.test", absl::Now()));
}

// After a pause one goes after the other: who would have to wait too long for its turn does not
// wait at all.
TEST(HostPauses, AreFollowedByNoLongerQueueThanAnybodyWaits) {
  HostPauses pauses;
  pauses.Pause("a.test", absl::Now());
  int went = 0;
  while (went < 1000 && pauses.Wait("a.test", absl::Now() + absl::Milliseconds(1))) ++went;
  EXPECT_GE(went, 1);
  EXPECT_LT(went, 1000);
}

}  // namespace
}  // namespace imglife
