// Two runs that clean up the same repository at once, write by write.
#include <array>
#include <condition_variable>
#include <mutex>
#include <sstream>
#include <thread>

#include "nlohmann/json.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/breaking_proxy.h"
#include "tests/end_to_end/registries_fixture.h"

namespace imglife {
namespace {

using testing::AnyOf;
using testing::ContainsRegex;
using testing::ElementsAre;
using testing::HasSubstr;

// Lets the two runs go on only together: the n-th write of one waits for the n-th of the other, as
// long as that one runs.
class Lockstep {
 public:
  void Write(std::size_t run) {
    std::unique_lock lock(mutex_);
    const int number = ++writes_.at(run);
    changed_.notify_all();
    const std::size_t other = 1 - run;
    changed_.wait(lock, [&] { return ended_.at(other) || writes_.at(other) >= number; });
  }

  void End(std::size_t run) {
    const std::lock_guard lock(mutex_);
    ended_.at(run) = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::array<int, 2> writes_{};
  std::array<bool, 2> ended_{};
};

class ConcurrentCleanupsTest : public RegistriesTest {
 protected:
  // Both run to their end.
  std::array<ImglifeRun, 2> CleanUpTwiceAtOnce() {
    Lockstep lockstep;
    std::array<ImglifeRun, 2> runs;
    std::array<std::thread, 2> threads;
    for (std::size_t i = 0; i < 2; ++i) {
      threads.at(i) = std::thread([this, i, &lockstep, &runs] {
        const BreakingProxy proxy(private_.host(), [&](int, const std::string& line) {
          const bool reads = line.rfind("GET ", 0) == 0 || line.rfind("HEAD ", 0) == 0;
          if (!reads) lockstep.Write(i);
          return Fault::kNone;
        });
        std::map<std::string, std::string> environment = environment_;
        environment["PRIVATE"] = proxy.host();
        runs.at(i) = RunImglife(directory_.path(), {"cleanup"}, environment);
        lockstep.End(i);
      });
    }
    for (std::thread& thread : threads) thread.join();
    return runs;
  }
};

TEST_F(ConcurrentCleanupsTest, TakeNothingThatIsNeededAndTellTheTruth) {
  const TestImage wanted = Push(upstream_, "library/alpine", "3.24.0");
  // Names of what is wanted, of a part of it, of one old image, and old images of their own.
  Push(private_, "mirrors/alpine", "3.24.0", wanted);
  Push(private_, "mirrors/alpine", "latest", wanted);
  ASSERT_TRUE(
      registry().PutManifest(private_.At("mirrors/alpine"), "amd64", wanted.children[0]).ok());
  const TestImage old = Image("old", "2024-01-01");
  for (const char* tag : {"3.1", "3.1-alias", "3.1-other"})
    Push(private_, "mirrors/alpine", tag, old);
  for (const char* tag : {"3.2", "3.3"}) {
    Push(private_, "mirrors/alpine", tag, Image(tag, "2024-01-01"));
  }
  Configure(R"(sync:
  entries: [{source: $UPSTREAM/library/alpine, tag: 3.24.0, target: $PRIVATE/mirrors/alpine}]
retention: {keep_last: 0}
)");
  for (const ImglifeRun& run : CleanUpTwiceAtOnce()) {
    EXPECT_THAT(run, AnyOf(ExitsWith(0), ExitsWith(1), ExitsWith(3)));
    if (run.exit_code != 0) {
      EXPECT_THAT(run.err, ContainsRegex("(run|plan) again"));
    }
  }
  EXPECT_EQ(DigestOf(private_, "mirrors/alpine", "3.24.0"), wanted.manifest.digest.str());
  EXPECT_TRUE(HasAll(private_, "mirrors/alpine", wanted));

  std::istringstream journal(ReadFile(Path(".imglife/journal.ndjson")).value_or("not readable"));
  for (std::string line; std::getline(journal, line);) {
    EXPECT_TRUE(nlohmann::json::accept(line)) << line;
  }

  EXPECT_THAT(Run({"cleanup"}), ExitsWith(0));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.24.0"));
  EXPECT_EQ(DigestOf(private_, "mirrors/alpine", "3.24.0"), wanted.manifest.digest.str());
  EXPECT_TRUE(HasAll(private_, "mirrors/alpine", wanted));
}

}  // namespace
}  // namespace imglife
