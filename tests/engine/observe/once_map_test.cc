#include "engine/observe/once_map.h"

#include <atomic>
#include <barrier>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace imglife {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

using Lengths = OnceMap<std::string, int>;

// An answer that tells how often any was computed.
class Counter {
 public:
  std::function<int()> Next() {
    return [this] { return ++computed_; };
  }
  int computed() const { return computed_; }

 private:
  std::atomic<int> computed_ = 0;
};

TEST(OnceMap, ComputesOnceForEachKey) {
  Lengths map;
  Counter counter;
  EXPECT_EQ(map.Get("a", counter.Next()), 1);
  EXPECT_EQ(map.Get("b", counter.Next()), 2);
  EXPECT_EQ(map.Get("a", counter.Next()), 1);
  EXPECT_EQ(map.Get("b", counter.Next()), 2);
  EXPECT_EQ(counter.computed(), 2);
}

TEST(OnceMap, WhatWasLearntIsNotComputed) {
  Lengths map;
  Counter counter;
  map.Learn("a", 7);
  EXPECT_EQ(map.Get("a", counter.Next()), 7);
  EXPECT_EQ(counter.computed(), 0);
}

TEST(OnceMap, LearningDoesNotReplaceAnAnswer) {
  Lengths map;
  Counter counter;
  map.Get("a", counter.Next());
  map.Learn("a", 7);
  EXPECT_EQ(map.Get("a", counter.Next()), 1);
}

TEST(OnceMap, ForgettingTakesThatKeyOnly) {
  Lengths map;
  Counter counter;
  map.Learn("a", 7);
  map.Learn("b", 8);
  map.Forget("a");
  map.Forget("never asked");
  EXPECT_EQ(map.Get("a", counter.Next()), 1);
  EXPECT_EQ(map.Get("b", counter.Next()), 8);
}

TEST(OnceMap, ForgettingARangeTakesAllOfItAndLooksNoFurther) {
  Lengths map;
  Counter counter;
  for (const char* key : {"a1", "b1", "b2", "c1", "d1"}) map.Learn(key, 7);
  std::vector<std::string> looked_at;
  map.ForgetFrom("b", [&](const std::string& key) {
    looked_at.push_back(key);
    return key.front() == 'b';
  });
  EXPECT_THAT(looked_at, ElementsAre("b1", "b2", "c1"));
  EXPECT_EQ(map.Get("b1", counter.Next()), 1);
  EXPECT_EQ(map.Get("b2", counter.Next()), 2);
  for (const char* key : {"a1", "c1", "d1"}) EXPECT_EQ(map.Get(key, counter.Next()), 7) << key;
}

TEST(OnceMap, ManyWhoAskAtOnceShareOneAnswer) {
  constexpr int kThreads = 16;
  Lengths map;
  Counter counter;
  std::barrier together(kThreads);
  std::vector<int> answers(kThreads);
  std::vector<std::thread> threads;
  for (int& answer : answers) {
    threads.emplace_back([&map, &counter, &together, &answer] {
      together.arrive_and_wait();
      answer = map.Get("a", counter.Next());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(answers, Each(1));
  EXPECT_EQ(counter.computed(), 1);
}

TEST(OnceMap, WhileOneKeyIsComputedOthersAreAnswered) {
  Lengths map;
  std::latch began{1};
  std::latch may_end{1};
  std::thread slow([&] {
    map.Get("slow", [&] {
      began.count_down();
      may_end.wait();
      return 1;
    });
  });
  began.wait();
  EXPECT_EQ(map.Get("quick", [] { return 2; }), 2);
  map.Learn("slow", 3);
  may_end.count_down();
  slow.join();
  EXPECT_EQ(map.Get("slow", [] { return 4; }), 1);
}

TEST(OnceMap, AnAnswerForgottenOnItsWayIsGivenToWhoAskedAndThenAskedAgain) {
  Lengths map;
  const int first = map.Get("a", [&] {
    map.Forget("a");
    return 1;
  });
  EXPECT_EQ(first, 1);
  EXPECT_EQ(map.Get("a", [] { return 2; }), 2);
}

}  // namespace
}  // namespace imglife
