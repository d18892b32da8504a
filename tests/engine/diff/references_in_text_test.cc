#include "engine/diff/references_in_text.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/engine/diff/scene.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

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

TEST(MentionedRepositories, AreThoseOfWhichThePathStandsBeforeATagOrADigest) {
  const Repository app = MakeRepository("r.io/a/app");
  const Repository elsewhere = MakeRepository("s.io/app");
  const Repository tools = MakeRepository("r.io/tools");
  const Repository layout = MakeRepository("ocidir://app");
  const MentionedRepositories all({app, elsewhere, tools, layout});
  EXPECT_THAT(all.In("FROM r.io/a/app:1 AS r.io/tools"),
              UnorderedElementsAre(app, elsewhere, layout));
  EXPECT_THAT(all.In("x cache.io/tools@sha256:ab"), UnorderedElementsAre(tools, layout));
  EXPECT_THAT(all.In("/tools:"), UnorderedElementsAre(tools, layout));
  for (const char* text : {"", ":", "tools:1", "/tools/:1", "/a/tool:1", "/tools 1:2"}) {
    EXPECT_THAT(all.In(text), ElementsAre(layout)) << text;
  }
}

}  // namespace
}  // namespace imglife
