#include "engine/order/cycles.h"

#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Order(const NeedsGraph& needs) {
  const auto order = TopologicalOrder(needs);
  EXPECT_TRUE(order.ok()) << order.status();
  return order.ok() ? *order : std::vector<std::string>();
}

std::string CycleIn(const NeedsGraph& needs) {
  const auto order = TopologicalOrder(needs);
  EXPECT_EQ(order.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(order.status().message());
}

TEST(TopologicalOrder, WhatIsNeededComesFirstAndTiesBySmallestName) {
  EXPECT_THAT(Order({{"app", {"go", "base"}}, {"go", {"base"}}, {"zsh", {}}, {"base", {}}}),
              ElementsAre("base", "go", "app", "zsh"));
  EXPECT_THAT(Order({{"c", {}}, {"a", {}}, {"b", {}}}), ElementsAre("a", "b", "c"));
  EXPECT_THAT(Order({{"a", {"z"}}, {"b", {}}, {"z", {}}}), ElementsAre("b", "z", "a"));
}

TEST(TopologicalOrder, NamesThatAreOnlyNeededBelongToIt) {
  EXPECT_THAT(Order({{"b", {"a"}}}), ElementsAre("a", "b"));
}

TEST(TopologicalOrder, AnEdgeWrittenTwiceCountsOnce) {
  EXPECT_THAT(Order({{"b", {"a", "a"}}, {"a", {}}}), ElementsAre("a", "b"));
}

TEST(TopologicalOrder, OfNothingIsNothing) {
  EXPECT_TRUE(Order({}).empty());
}

TEST(TopologicalOrder, ACycleIsAPathThatClosesOnItself) {
  EXPECT_EQ(CycleIn({{"a", {"b"}}, {"b", {"a"}}}), "a -> b -> a");
  EXPECT_EQ(CycleIn({{"a", {"a"}}}), "a -> a");
  EXPECT_EQ(CycleIn({{"x", {"c"}}, {"c", {"b"}}, {"b", {"a", "leaf"}}, {"a", {"c"}}}),
            "a -> c -> b -> a");
}

TEST(TopologicalOrder, WhatOnlyLeadsToACycleIsNotPartOfThePath) {
  EXPECT_EQ(CycleIn({{"a", {"m"}}, {"m", {"n"}}, {"n", {"m"}}}), "m -> n -> m");
}

TEST(TopologicalOrder, TheOrderOfEdgesDoesNotMatter) {
  const std::string cycle = CycleIn({{"a", {"b", "c"}}, {"b", {"a"}}, {"c", {"a"}}});
  EXPECT_EQ(cycle, "a -> b -> a");
  EXPECT_EQ(CycleIn({{"a", {"c", "b"}}, {"b", {"a"}}, {"c", {"a"}}}), cycle);
}

TEST(TopologicalOrder, LongChainsNeedNoRecursion) {
  NeedsGraph chain;
  for (int i = 0; i < 20000; ++i) {
    chain["n" + std::to_string(i)] = {"n" + std::to_string(i + 1)};
  }
  const auto order = Order(chain);
  ASSERT_EQ(order.size(), 20001U);
  EXPECT_EQ(order.front(), "n20000");
  EXPECT_EQ(order.back(), "n0");
}

TEST(FindCycle, FindsNoneOrThePath) {
  EXPECT_FALSE(FindCycle({{"a", {"b"}}, {"b", {}}}).has_value());
  const auto cycle = FindCycle({{"b", {"a"}}, {"a", {"b"}}});
  ASSERT_TRUE(cycle.has_value());
  EXPECT_THAT(*cycle, ElementsAre("a", "b", "a"));
}

}  // namespace
}  // namespace imglife
