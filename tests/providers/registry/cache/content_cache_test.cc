#include "providers/registry/cache/content_cache.h"

#include <chrono>
#include <filesystem>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/providers/registry/cache/cache_fixture.h"

namespace imglife {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Optional;
using testing::SizeIs;

namespace fs = std::filesystem;

constexpr std::int64_t kBlock = 4096;

class ContentCacheTest : public CacheDirectoryTest {
 protected:
  void SetUsedHoursAgo(const Digest& digest, int hours) const {
    fs::last_write_time(FileOf(digest),
                        fs::file_time_type::clock::now() - std::chrono::hours(hours));
  }
};

TEST_F(ContentCacheTest, GivesBackWhatWasStored) {
  const std::string content("{\"a\": \0}", 8);
  const Digest digest = Digest::OfBytes(content);
  {
    ContentCache cache = Open();
    EXPECT_FALSE(cache.Holds(digest));
    EXPECT_EQ(cache.Find(digest), std::nullopt);
    cache.Store(digest, content);
    EXPECT_THAT(cache.Find(digest), Optional(content));
  }
  ContentCache next = Open();
  EXPECT_TRUE(next.Holds(digest));
  EXPECT_THAT(next.Find(digest), Optional(content));
}

TEST_F(ContentCacheTest, KnowsEveryAlgorithmOfDigests) {
  Hasher hasher("sha512");
  hasher.Update("content");
  const Digest digest = hasher.Finish();
  ContentCache cache = Open();
  cache.Store(digest, "content");
  EXPECT_THAT(cache.Find(digest), Optional(std::string("content")));
  EXPECT_EQ(cache.Find(Digest::OfBytes("content")), std::nullopt);
}

TEST_F(ContentCacheTest, MakesNothingBeforeThereIsSomethingToKeep) {
  {
    ContentCache cache = Open();
    EXPECT_EQ(cache.Find(Digest::OfBytes("absent")), std::nullopt);
  }
  EXPECT_FALSE(fs::exists(above() + "/caches"));
}

TEST_F(ContentCacheTest, IsForItsUserOnly) {
  ContentCache cache = Open();
  const Digest digest = Store(cache, "content");
  for (const std::string& folder : {above() + "/caches", directory(), directory() + "/sha256",
                                    fs::path(FileOf(digest)).parent_path().string()}) {
    EXPECT_EQ(fs::status(folder).permissions(), fs::perms::owner_all) << folder;
  }
  EXPECT_EQ(fs::status(FileOf(digest)).permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(ContentCacheTest, WhatWasAlteredIsRemovedAndAbsent) {
  ContentCache cache = Open();
  for (const std::string& altered : {std::string("c0ntent"), std::string("cont"), std::string(),
                                     std::string("content and more")}) {
    SCOPED_TRACE(altered);
    const Digest digest = Store(cache, "content");
    ASSERT_TRUE(WriteFileAtomically(FileOf(digest), altered).ok());
    EXPECT_TRUE(cache.Holds(digest));
    EXPECT_EQ(cache.Find(digest), std::nullopt);
    EXPECT_FALSE(cache.Holds(digest));
    EXPECT_THAT(Files(), IsEmpty());
  }
}

TEST_F(ContentCacheTest, WhatIsStoredTakesThePlaceOfWhatWasAltered) {
  ContentCache cache = Open();
  const Digest digest = Store(cache, "content");
  ASSERT_TRUE(WriteFileAtomically(FileOf(digest), "c0ntent").ok());
  Store(cache, "content");
  EXPECT_THAT(cache.Find(digest), Optional(std::string("content")));
}

TEST_F(ContentCacheTest, NothingLargeIsKept) {
  ContentCache cache = Open();
  const std::string largest(ContentCache::kMaxEntryBytes, 'x');
  EXPECT_TRUE(cache.Holds(Store(cache, largest)));
  EXPECT_FALSE(cache.Holds(Store(cache, largest + "x")));
}

TEST_F(ContentCacheTest, AnEntryThatGrewIsNotRead) {
  ContentCache cache = Open();
  const Digest digest = Digest::OfBytes("content");
  Store(cache, "content");
  fs::resize_file(FileOf(digest), ContentCache::kMaxEntryBytes + 1);
  EXPECT_EQ(cache.Find(digest), std::nullopt);
  EXPECT_FALSE(cache.Holds(digest));
}

TEST_F(ContentCacheTest, WhatWasUsedLongestAgoGoesFirst) {
  Digest oldest;
  Digest used_again;
  Digest newer;
  {
    ContentCache cache = Open();
    oldest = Store(cache, "oldest");
    used_again = Store(cache, "used again");
    newer = Store(cache, "newer");
  }
  SetUsedHoursAgo(oldest, 30);
  SetUsedHoursAgo(used_again, 40);
  SetUsedHoursAgo(newer, 20);
  Digest newest;
  {
    ContentCache cache({.directory = directory(), .max_bytes = 3 * kBlock});
    EXPECT_THAT(cache.Find(used_again), Optional(std::string("used again")));
    newest = Store(cache, "newest");
  }
  ContentCache cache = Open();
  EXPECT_FALSE(cache.Holds(oldest));
  EXPECT_TRUE(cache.Holds(used_again));
  EXPECT_TRUE(cache.Holds(newer));
  EXPECT_TRUE(cache.Holds(newest));
}

TEST_F(ContentCacheTest, IsBoundedWhileARunGoesOnToo) {
  constexpr int kMost = 16;
  ContentCache cache({.directory = directory(), .max_bytes = kMost * kBlock});
  for (int i = 0; i < 4 * kMost; ++i) Store(cache, fmt::format("content {}", i));
  EXPECT_LE(Files().size(), static_cast<std::size_t>(kMost + kMost / 8 + 1));
  EXPECT_TRUE(cache.Holds(Digest::OfBytes(fmt::format("content {}", 4 * kMost - 1))));
}

TEST_F(ContentCacheTest, NotesOfTagsCountToo) {
  {
    ContentCache cache({.directory = directory(), .max_bytes = 4 * kBlock});
    for (int i = 0; i < 20; ++i) {
      const Repository repository{Repository::Kind::kDistribution, "r.io", fmt::format("app{}", i)};
      cache.seen_tags().Saw(repository, "1.0", Digest::OfBytes("content"));
    }
  }
  EXPECT_THAT(Files(), SizeIs(4));
}

TEST_F(ContentCacheTest, OnlyItsOwnFilesGo) {
  const std::vector<std::string> others = {"mine", "sha256/mine", "sha256/ab/notes.txt",
                                           "photos/ab/abcdef", "sha256/xy/abcdef"};
  for (const std::string& other : others) {
    ASSERT_TRUE(WriteFileAtomically(directory() + "/" + other, "something else").ok());
  }
  { ContentCache({.directory = directory(), .max_bytes = 0}).Store(Digest::OfBytes("x"), "x"); }
  EXPECT_THAT(Files(), testing::UnorderedElementsAreArray(others));
}

TEST_F(ContentCacheTest, WhatADeadRunLeftGoesWhenItIsOld) {
  {
    ContentCache cache = Open();
    Store(cache, "content");
  }
  const std::string shard = fs::path(FileOf(Digest::OfBytes("content"))).parent_path();
  for (const char* name : {"/new-0123456789abcdef", "/new-fedcba9876543210"}) {
    ASSERT_TRUE(WriteFileAtomically(shard + name, "half of it").ok());
  }
  fs::last_write_time(shard + "/new-0123456789abcdef",
                      fs::file_time_type::clock::now() - std::chrono::hours(2));
  {
    ContentCache cache = Open();
    Store(cache, "more");
  }
  EXPECT_FALSE(fs::exists(shard + "/new-0123456789abcdef"));
  EXPECT_TRUE(fs::exists(shard + "/new-fedcba9876543210")) << "somebody may be writing it";
}

TEST_F(ContentCacheTest, RefreshingAnswersNothingAndWritesAnew) {
  const Digest digest = Digest::OfBytes("content");
  {
    ContentCache cache = Open();
    Store(cache, "content");
  }
  ASSERT_TRUE(WriteFileAtomically(FileOf(digest), "c0ntent").ok());
  {
    ContentCache cache = OpenToRefresh();
    EXPECT_FALSE(cache.Holds(digest));
    EXPECT_EQ(cache.Find(digest), std::nullopt);
    EXPECT_TRUE(fs::exists(FileOf(digest)));
    Store(cache, "content");
  }
  EXPECT_THAT(Open().Find(digest), Optional(std::string("content")));
}

}  // namespace
}  // namespace imglife
