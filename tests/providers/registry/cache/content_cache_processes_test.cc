// Many at once on one directory: threads, processes, and processes that die.
#include <atomic>
#include <csignal>
#include <filesystem>
#include <sys/wait.h>
#include <thread>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <unistd.h>

#include "tests/providers/registry/cache/cache_fixture.h"
#include "tests/support/child_process.h"

namespace imglife {
namespace {

constexpr int kEntries = 60;
constexpr int kBytes = 20'000;

std::string Numbered(int number) {
  std::string content = fmt::format("{} ", number);
  content.resize(kBytes, static_cast<char>('a' + number % 26));
  return content;
}

const Repository kApp{Repository::Kind::kDistribution, "registry.example.com", "app"};

// Whatever is found is right. True also if all was found right after it was stored.
bool StoreAndReadAll(ContentCache& cache, bool keeps_all) {
  bool complete = true;
  for (int i = 0; i < kEntries; ++i) {
    const std::string content = Numbered(i);
    const Digest digest = Digest::OfBytes(content);
    cache.Store(digest, content);
    cache.seen_tags().Saw(kApp, "latest", digest);
    const auto found = cache.Find(digest);
    if (found && *found != content) return false;
    const auto seen = cache.seen_tags().Last(kApp, "latest");
    if (keeps_all && !seen) return false;
    complete = complete && found.has_value();
  }
  return complete || !keeps_all;
}

using ContentCacheProcesses = CacheDirectoryTest;

TEST_F(ContentCacheProcesses, ThreadsShareOneCache) {
  ContentCache cache = Open();
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { good += StoreAndReadAll(cache, true) ? 1 : 0; });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 4);
  EXPECT_EQ(Files().size(), std::size_t{kEntries}) << "nothing unfinished is left";
}

TEST_F(ContentCacheProcesses, ProcessesWriteTheSameEntriesAtOnce) {
  const auto work = [&] {
    ContentCache cache = Open();
    return StoreAndReadAll(cache, true);
  };
  const pid_t first = StartChild(work);
  const pid_t second = StartChild(work);
  EXPECT_EQ(WaitForChild(first), 0);
  EXPECT_EQ(WaitForChild(second), 0);
  EXPECT_EQ(Files().size(), std::size_t{kEntries + 1});
}

TEST_F(ContentCacheProcesses, OneThrowsAwayWhatTheOtherReads) {
  const pid_t large = StartChild([&] {
    ContentCache cache = Open();
    return StoreAndReadAll(cache, false);
  });
  const pid_t small = StartChild([&] {
    ContentCache cache({.directory = directory(), .max_bytes = 10 * kBytes});
    return StoreAndReadAll(cache, false);
  });
  EXPECT_EQ(WaitForChild(large), 0);
  EXPECT_EQ(WaitForChild(small), 0);
}

TEST_F(ContentCacheProcesses, ThatShareABoundKeepIt) {
  constexpr std::uintmax_t kMost = 10 * kBytes;
  const auto work = [&] {
    ContentCache cache({.directory = directory(), .max_bytes = kMost});
    return StoreAndReadAll(cache, false);
  };
  const pid_t first = StartChild(work);
  const pid_t second = StartChild(work);
  EXPECT_EQ(WaitForChild(first), 0);
  EXPECT_EQ(WaitForChild(second), 0);
  std::uintmax_t bytes = 0;
  for (const std::string& file : Files()) {
    bytes += std::filesystem::file_size(directory() + "/" + file);
  }
  EXPECT_LE(bytes, kMost);
}

TEST_F(ContentCacheProcesses, AProcessThatIsKilledLeavesNothingWrong) {
  const pid_t child = StartChild([&] {
    // Until it is killed.
    for (;;) {
      ContentCache cache = OpenToRefresh();
      StoreAndReadAll(cache, false);
    }
    return true;
  });
  ContentCache cache = Open();
  // It writes over and over what is read here.
  for (int i = 0; i < 2 * kEntries; ++i) {
    const std::string content = Numbered(i % kEntries);
    while (!cache.Holds(Digest::OfBytes(content))) std::this_thread::yield();
    EXPECT_EQ(cache.Find(Digest::OfBytes(content)), content);
  }
  kill(child, SIGKILL);
  EXPECT_TRUE(WIFSIGNALED(WaitForChild(child)));
  EXPECT_TRUE(StoreAndReadAll(cache, true));
}

}  // namespace
}  // namespace imglife
