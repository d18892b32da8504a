#include "providers/registry/distribution/upload_slots.h"

#include <latch>
#include <thread>

#include "gtest/gtest.h"

namespace imglife {
namespace {

TEST(UploadSlots, AQuarterIsLeftToWhoMustHaveOne) {
  UploadSlots slots(4);
  auto first = slots.TakeIfSomeAreLeft();
  const auto second = slots.TakeIfSomeAreLeft();
  const auto third = slots.TakeIfSomeAreLeft();
  EXPECT_NE(third, nullptr);
  EXPECT_EQ(slots.TakeIfSomeAreLeft(), nullptr);
  EXPECT_NE(slots.Take(), nullptr);
  first.reset();
  EXPECT_NE(slots.TakeIfSomeAreLeft(), nullptr);
}

TEST(UploadSlots, WhoMustHaveOneWaitsForIt) {
  UploadSlots slots(1);
  auto taken = slots.Take();
  std::latch got{1};
  std::thread other([&] {
    const auto slot = slots.Take();
    got.count_down();
  });
  EXPECT_FALSE(got.try_wait());
  taken.reset();
  other.join();
  EXPECT_TRUE(got.try_wait());
}

}  // namespace
}  // namespace imglife
