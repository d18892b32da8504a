// What stands in the way on the disk is never an error.
#include <csignal>
#include <filesystem>
#include <functional>
#include <sys/resource.h>
#include <sys/stat.h>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <unistd.h>

#include "tests/providers/registry/cache/cache_fixture.h"
#include "tests/support/child_process.h"

namespace imglife {
namespace {

using testing::IsEmpty;
using testing::Optional;

namespace fs = std::filesystem;

// In a process of its own, which may then be limited.
bool InAProcess(const std::function<bool()>& work) {
  return WaitForChild(StartChild(work)) == 0;
}

// Root may write everywhere.
bool BecomeNobody() {
  constexpr uid_t kNobody = 65534;
  return geteuid() != 0 || setuid(kNobody) == 0;
}

class ContentCacheDisk : public CacheDirectoryTest {
 protected:
  std::string Elsewhere() const { return above() + "/elsewhere"; }

  const std::string content_ = "content";
  const Digest digest_ = Digest::OfBytes(content_);
};

TEST_F(ContentCacheDisk, ALinkInThePlaceOfAnEntryIsNotFollowed) {
  ASSERT_TRUE(WriteFileAtomically(Elsewhere(), content_).ok());
  fs::create_directories(fs::path(FileOf(digest_)).parent_path());
  fs::create_symlink(Elsewhere(), FileOf(digest_));
  ContentCache cache = Open();
  EXPECT_EQ(cache.Find(digest_), std::nullopt);
  cache.Store(digest_, content_);
  EXPECT_THAT(cache.Find(digest_), Optional(content_));
  EXPECT_FALSE(fs::is_symlink(FileOf(digest_)));
  EXPECT_EQ(ReadFile(Elsewhere()).value_or(""), content_);
}

TEST_F(ContentCacheDisk, ALinkInThePlaceOfAFolderIsNotFollowed) {
  fs::create_directories(directory());
  fs::create_directories(Elsewhere());
  fs::create_directory_symlink(Elsewhere(), directory() + "/sha256");
  {
    ContentCache cache({.directory = directory(), .max_bytes = 0});
    cache.Store(digest_, content_);
    EXPECT_EQ(cache.Find(digest_), std::nullopt);
  }
  EXPECT_TRUE(fs::is_empty(Elsewhere()));
}

TEST_F(ContentCacheDisk, TheDirectoryItselfMayBeALink) {
  fs::create_directories(Elsewhere());
  fs::create_directories(above() + "/caches");
  fs::create_directory_symlink(Elsewhere(), directory());
  ContentCache cache = Open();
  cache.Store(digest_, content_);
  EXPECT_THAT(cache.Find(digest_), Optional(content_));
}

TEST_F(ContentCacheDisk, AFolderOrAPipeInThePlaceOfAnEntryMakesItAbsent) {
  fs::create_directories(FileOf(digest_));
  ContentCache cache = Open();
  cache.Store(digest_, content_);
  EXPECT_EQ(cache.Find(digest_), std::nullopt);
  EXPECT_THAT(Files(), IsEmpty()) << "nothing unfinished is left";
  fs::remove(FileOf(digest_));
  ASSERT_EQ(mkfifo(FileOf(digest_).c_str(), 0600), 0);
  EXPECT_EQ(cache.Find(digest_), std::nullopt);
  cache.Store(digest_, content_);
  EXPECT_THAT(cache.Find(digest_), Optional(content_));
}

TEST_F(ContentCacheDisk, AFileInThePlaceOfADirectoryMeansNoCache) {
  ASSERT_TRUE(WriteFileAtomically(above() + "/caches", "a file").ok());
  ContentCache cache = Open();
  cache.Store(digest_, content_);
  EXPECT_EQ(cache.Find(digest_), std::nullopt);
  EXPECT_EQ(ReadFile(above() + "/caches").value_or(""), "a file");
}

TEST_F(ContentCacheDisk, WhatCanOnlyBeReadIsRead) {
  { Open().Store(digest_, content_); }
  // For whoever the test becomes.
  fs::permissions(above(), fs::perms::owner_all | static_cast<fs::perms>(0055));
  for (const auto& entry : fs::recursive_directory_iterator(above())) {
    fs::permissions(entry.path(), static_cast<fs::perms>(entry.is_directory() ? 0555 : 0444));
  }
  EXPECT_TRUE(InAProcess([this] {
    if (!BecomeNobody()) return false;
    ContentCache cache = Open();
    const Digest other = Digest::OfBytes("other");
    cache.Store(other, "other");
    cache.seen_tags().Saw({Repository::Kind::kDistribution, "registry.example.com", "app"}, "1.0",
                          other);
    return cache.Find(digest_) == content_ && !cache.Holds(other);
  }));
  for (const auto& entry : fs::recursive_directory_iterator(above())) {
    if (entry.is_directory()) fs::permissions(entry.path(), fs::perms::owner_all);
  }
}

TEST_F(ContentCacheDisk, WhatMayNotBeReadIsAbsent) {
  { Open().Store(digest_, content_); }
  EXPECT_TRUE(InAProcess([this] {
    if (geteuid() != 0) chmod(directory().c_str(), 0);
    if (!BecomeNobody()) return false;
    ContentCache cache = Open();
    cache.Store(digest_, content_);
    return !cache.Holds(digest_) && !cache.Find(digest_);
  }));
  fs::permissions(directory(), fs::perms::owner_all);
  EXPECT_THAT(Open().Find(digest_), Optional(content_));
}

TEST_F(ContentCacheDisk, WithoutRoomForItAnEntryIsNotKept) {
  const std::string large(100'000, 'x');
  const Digest digest = Digest::OfBytes(large);
  EXPECT_TRUE(InAProcess([&] {
    // As on a full disk, some bytes can still be written.
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{10'000, 10'000};
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) return false;
    ContentCache cache = Open();
    cache.Store(digest, large);
    cache.Store(digest_, content_);
    return !cache.Holds(digest) && cache.Find(digest_) == content_;
  }));
  EXPECT_THAT(Files(), testing::SizeIs(1)) << "nothing unfinished is left";
}

}  // namespace
}  // namespace imglife
