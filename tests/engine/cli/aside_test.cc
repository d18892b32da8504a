#include "engine/cli/aside.h"

#include <atomic>
#include <future>
#include <memory>

#include <gtest/gtest.h>

namespace imglife {
namespace {

TEST(Aside, DoesNotWaitForTheReader) {
  std::promise<void> reader;
  bool said = false;
  {
    Aside aside;
    aside.Say([&, reads = reader.get_future().share()] {
      reads.wait();
      said = true;
    });
    reader.set_value();
  }
  EXPECT_TRUE(said) << "the destructor waits";
}

TEST(Aside, LastWordsThatNobodyTakesHoldNobodyUp) {
  const auto reader = std::make_shared<std::promise<void>>();
  SayWithin(absl::Milliseconds(1), [reads = reader->get_future().share()] { reads.wait(); });
  reader->set_value();
}

TEST(Aside, LastWordsAreWaitedFor) {
  const auto said = std::make_shared<std::atomic<bool>>(false);
  SayWithin(absl::Minutes(1), [said] { *said = true; });
  EXPECT_TRUE(*said);
}

}  // namespace
}  // namespace imglife
