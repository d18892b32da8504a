#include "engine/diff/references_in_text.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/engine/diff/scene.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::set<std::string> Tags(const std::string& text, const std::string& repository = "r.io/a/m") {
  const RegistryServers servers({{EndpointVariable("cache.io"), ServerName("r.io", 443, "")}}, {});
  return FindReferences(text, MakeRepository(repository), servers).tags;
}

TEST(FindReferences, WhereverTheyStand) {
  EXPECT_THAT(Tags("r.io/a/m:1"), ElementsAre("1"));
  EXPECT_THAT(Tags("RUN x docker://r.io/a/m:1 \"r.io/a/m:2\",r.io/a/m:3@sha256:ab --f=r.io/a/m:4"),
              ElementsAre("1", "2", "3", "4"));
  EXPECT_THAT(Tags("x ocidir://m:1 y", "ocidir://m"), ElementsAre("1"));
  EXPECT_THAT(FindReferences("x r.io/m@sha256:ab y", MakeRepository("r.io/m"), {}).digests,
              ElementsAre("sha256:ab"));
}

TEST(FindReferences, UnderAnyNameOfTheHost) {
  EXPECT_THAT(Tags("x cache.io/a/m:1 docker://r.io:443/a/m:2"), ElementsAre("1", "2"));
  const std::string loopback = "127.0.0.1:5000/m";
  EXPECT_THAT(Tags("localhost:5000/m:1", loopback), ElementsAre("1"));
  EXPECT_THAT(Tags("docker://[::1]:5000/m:1", loopback), ElementsAre("1"));
  EXPECT_THAT(Tags("localhost:5001/m:1 x[::1]:5000/m:1", loopback), IsEmpty());
}

TEST(FindReferences, NotWhatOnlyLooksLikeOne) {
  for (const char* text : {"other.r.io/a/m:1", "x/r.io/a/m:1", "x:r.io/a/m:1", "r.io/a/mm:1",
                           "r.io/a/m", "r.io/a/m/n:1", "/a/m:1", "a/m:1", "r.io/b/a/m:1"}) {
    EXPECT_THAT(Tags(text), IsEmpty()) << text;
  }
}

}  // namespace
}  // namespace imglife
