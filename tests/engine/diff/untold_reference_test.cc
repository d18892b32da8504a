#include "engine/diff/untold_reference.h"

#include "gtest/gtest.h"

#include "tests/engine/diff/scene.h"

namespace imglife {
namespace {

TEST(CouldName, KnowsWhatAVariableMayBe) {
  for (const char* pattern :
       {"r.io/a/m:*", "r.io/a/m*", "r.io/*/m:1", "*", "*:1", "*/m", "r.io/a/*",
        "*.io/a/m@sha256:ab", "r.io/a/*:1", "r.io/a/m*:1", "r.*m:*"}) {
    EXPECT_TRUE(CouldName(pattern, MakeRepository("r.io/a/m"), {})) << pattern;
  }
  for (const char* pattern : {"r.io/a/n:*", "r.io/a/mm*:1", "s.io/*", "r.io/*/n:1", "*/n", "base-*",
                              "m:*", "r.io/a/m/*"}) {
    EXPECT_FALSE(CouldName(pattern, MakeRepository("r.io/a/m"), {})) << pattern;
  }
}

TEST(CouldName, KnowsTheShortNamesOfDockerHub) {
  EXPECT_TRUE(CouldName("alpine:*", MakeRepository("alpine"), {}));
  EXPECT_TRUE(CouldName("library/alpine:*", MakeRepository("alpine"), {}));
  EXPECT_TRUE(CouldName("docker.io/*", MakeRepository("alpine"), {}));
  EXPECT_TRUE(CouldName("team/*:1", MakeRepository("docker.io/team/m"), {}));
  EXPECT_FALSE(CouldName("m:*", MakeRepository("docker.io/team/m"), {}));
}

TEST(CouldName, KnowsOtherNamesOfTheHost) {
  const RegistryServers servers({{EndpointVariable("cache.io"), ServerName("r.io", 443, "/")}}, {});
  for (const char* pattern : {"cache.io/a/m:*", "r.io:443/a/*", "cache.io/*/m@sha256:ab"}) {
    EXPECT_TRUE(CouldName(pattern, MakeRepository("r.io/a/m"), servers)) << pattern;
  }
  for (const char* pattern : {"other.io/a/m:*", "cache.io/a/n:*", "r.io:80/a/m:*"}) {
    EXPECT_FALSE(CouldName(pattern, MakeRepository("r.io/a/m"), servers)) << pattern;
  }
}

}  // namespace
}  // namespace imglife
