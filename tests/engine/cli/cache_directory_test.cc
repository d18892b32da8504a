#include "engine/cli/cache_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace imglife {
namespace {

using testing::Optional;

TEST(CacheDirectory, IsTheOneThatIsNamed) {
  const Environment all = {{"IMGLIFE_CACHE_DIR", "/builds/cache"},
                           {"XDG_CACHE_HOME", "/xdg"},
                           {"HOME", "/home/someone"}};
  EXPECT_THAT(CacheDirectory(all), Optional(std::string("/builds/cache")));
  EXPECT_THAT(CacheDirectory({{"IMGLIFE_CACHE_DIR", "cache"}}), Optional(std::string("cache")));
}

TEST(CacheDirectory, IsElseWithTheCachesOfTheUser) {
  EXPECT_THAT(CacheDirectory({{"XDG_CACHE_HOME", "/xdg"}, {"HOME", "/home/someone"}}),
              Optional(std::string("/xdg/imglife")));
  for (const char* no_place : {"", "relative/path"}) {
    EXPECT_THAT(CacheDirectory({{"XDG_CACHE_HOME", no_place}, {"HOME", "/home/someone"}}),
                Optional(std::string("/home/someone/.cache/imglife")));
  }
  EXPECT_THAT(CacheDirectory({{"HOME", "/home/someone"}}),
              Optional(std::string("/home/someone/.cache/imglife")));
}

TEST(CacheDirectory, CanBeNone) {
  EXPECT_EQ(CacheDirectory({}), std::nullopt);
  EXPECT_EQ(CacheDirectory({{"HOME", ""}}), std::nullopt);
  EXPECT_EQ(CacheDirectory({{"IMGLIFE_CACHE_DIR", ""}, {"HOME", "/home/someone"}}), std::nullopt);
}

}  // namespace
}  // namespace imglife
