#include "providers/registry/cache/seen_tags.h"

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/providers/registry/cache/cache_fixture.h"

namespace imglife {
namespace {

using testing::Optional;
using testing::SizeIs;

class SeenTagsTest : public CacheDirectoryTest {
 protected:
  const Repository app_{Repository::Kind::kDistribution, "registry.example.com", "app"};
  const Repository other_{Repository::Kind::kDistribution, "registry.example.com:5000", "app"};
  const Digest first_ = Digest::OfBytes("first");
  const Digest second_ = Digest::OfBytes("second");
};

TEST_F(SeenTagsTest, RemembersWhatATagNamed) {
  {
    ContentCache cache = Open();
    EXPECT_EQ(cache.seen_tags().Last(app_, "1.0"), std::nullopt);
    cache.seen_tags().Saw(app_, "1.0", first_);
    cache.seen_tags().Saw(app_, "1.1", first_);
    EXPECT_THAT(cache.seen_tags().Last(app_, "1.0"), Optional(first_));
  }
  {
    ContentCache cache = Open();
    EXPECT_THAT(cache.seen_tags().Last(app_, "1.0"), Optional(first_));
    EXPECT_EQ(cache.seen_tags().Last(app_, "1"), std::nullopt);
    EXPECT_EQ(cache.seen_tags().Last(other_, "1.0"), std::nullopt);
    cache.seen_tags().Saw(app_, "1.0", second_);
    EXPECT_THAT(cache.seen_tags().Last(app_, "1.0"), Optional(second_));
  }
  ContentCache cache = Open();
  EXPECT_THAT(cache.seen_tags().Last(app_, "1.0"), Optional(second_));
  EXPECT_THAT(cache.seen_tags().Last(app_, "1.1"), Optional(first_));
  EXPECT_THAT(Files(), SizeIs(1));
}

TEST_F(SeenTagsTest, RunsAtOnceKeepEachOthersNotes) {
  {
    ContentCache one = Open();
    ContentCache another = Open();
    one.seen_tags().Saw(app_, "1.0", first_);
    another.seen_tags().Saw(app_, "1.1", second_);
  }
  ContentCache cache = Open();
  EXPECT_THAT(cache.seen_tags().Last(app_, "1.0"), Optional(first_));
  EXPECT_THAT(cache.seen_tags().Last(app_, "1.1"), Optional(second_));
}

TEST_F(SeenTagsTest, WhatCanNotBeUnderstoodIsSkipped) {
  { Open().seen_tags().Saw(app_, "1.0", first_); }
  const std::string file = directory() + "/" + Files().front();
  const std::string good = ReadFile(file).value_or("");
  for (const std::string& line : {std::string("no digest"), std::string(), first_.str(),
                                  std::string("sha256:12 1.1"), std::string(100, '\0')}) {
    ASSERT_TRUE(WriteFileAtomically(file, fmt::format("{0}\n{1}{0}", line, good)).ok());
    ContentCache cache = Open();
    EXPECT_THAT(cache.seen_tags().Last(app_, "1.0"), Optional(first_)) << line;
    EXPECT_EQ(cache.seen_tags().Last(app_, "1.1"), std::nullopt) << line;
  }
}

TEST_F(SeenTagsTest, NotesThatGrewTooLargeKeepWhatIsNew) {
  const auto see = [this](const std::string& kind, int count) {
    ContentCache cache = Open();
    for (int i = 0; i < count; ++i) {
      cache.seen_tags().Saw(app_, fmt::format("{}-{}", kind, i), first_);
    }
  };
  see("old", 45'000);
  EXPECT_THAT(Open().seen_tags().Last(app_, "old-0"), Optional(first_));
  see("new", 10'000);
  ContentCache cache = Open();
  EXPECT_THAT(cache.seen_tags().Last(app_, "new-0"), Optional(first_));
  EXPECT_EQ(cache.seen_tags().Last(app_, "old-0"), std::nullopt);
}

TEST_F(SeenTagsTest, RefreshingForgetsAndNotesAnew) {
  {
    ContentCache cache = Open();
    cache.seen_tags().Saw(app_, "1.0", first_);
    cache.seen_tags().Saw(app_, "1.1", first_);
  }
  {
    ContentCache cache = OpenToRefresh();
    EXPECT_EQ(cache.seen_tags().Last(app_, "1.0"), std::nullopt);
    cache.seen_tags().Saw(app_, "1.0", second_);
  }
  EXPECT_THAT(Open().seen_tags().Last(app_, "1.0"), Optional(second_));
  EXPECT_THAT(Open().seen_tags().Last(app_, "1.1"), Optional(first_));
}

}  // namespace
}  // namespace imglife
