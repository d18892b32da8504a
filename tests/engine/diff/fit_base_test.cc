#include "engine/diff/fit_base.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/engine/plan/plan_maker.h"

namespace imglife {
namespace {

using ::testing::StartsWith;

std::vector<Platform> Platforms(const std::vector<std::string>& texts) {
  std::vector<Platform> platforms;
  for (const std::string& text : texts) platforms.push_back(*Platform::Parse(text));
  return platforms;
}

std::string Misfit(const std::vector<std::string>& wanted, const std::vector<std::string>& has,
                   const std::string& dockerfile = "FROM r.io/m:1\n") {
  return MisfitOfBase(dockerfile, MakeReference("r.io/m:1"), Platforms(wanted), Platforms(has));
}

TEST(FitBaseTest, NamesWhatIsMissing) {
  EXPECT_THAT(Misfit({"linux/amd64", "linux/arm64"}, {"linux/amd64"}),
              StartsWith("base r.io/m:1 has no linux/arm64 (it has linux/amd64); leave that out"));
  EXPECT_THAT(Misfit({"linux/riscv64"}, {"linux/arm64", "linux/amd64"}),
              StartsWith("base r.io/m:1 has no linux/riscv64 (it has linux/amd64, linux/arm64);"));
  EXPECT_THAT(Misfit({"linux/amd64"}, {}),
              StartsWith("base r.io/m:1 has no linux/amd64 (it has no image);"));
}

// And builders take one without a variant for any.
TEST(FitBaseTest, VariantsMatchAsPlatformsOfMirrorsDo) {
  EXPECT_EQ(Misfit({"linux/arm64"}, {"linux/arm64/v8"}), "");
  EXPECT_EQ(Misfit({"linux/arm64/v8"}, {"linux/arm64"}), "");
  EXPECT_EQ(Misfit({"linux/arm"}, {"linux/arm/v7"}), "");
  EXPECT_EQ(Misfit({"linux/arm/v7"}, {"linux/arm"}), "");
  EXPECT_EQ(Misfit({"linux/amd64/v2"}, {"linux/amd64"}), "");
  EXPECT_NE(Misfit({"linux/arm/v7"}, {"linux/arm/v6"}), "");
}

TEST(FitBaseTest, OnlyWhatTheDockerfileAsksForHasToBeThere) {
  const std::vector<std::string> both = {"linux/amd64", "linux/arm64"};
  const std::string tools = "FROM --platform=linux/amd64 r.io/m:1 AS t\nFROM scratch\n";
  EXPECT_EQ(Misfit(both, {"linux/amd64"}, tools), "");
  EXPECT_NE(Misfit(both, {"linux/arm64"}, tools), "");
  EXPECT_EQ(Misfit(both, {"linux/amd64"}, "FROM --platform=$BUILDPLATFORM r.io/m:1\n"), "");
  EXPECT_NE(Misfit(both, {"linux/amd64"}, "FROM --platform=$TARGETPLATFORM r.io/m:1\n"), "");
  EXPECT_NE(Misfit(both, {"linux/amd64"}, tools + "FROM r.io/m:1\n"), "");
  EXPECT_EQ(Misfit(both, {"linux/amd64"}, "FROM scratch\n"), "");
  EXPECT_EQ(Misfit(both, {"linux/amd64"}, "FROM other:1\n"), "");
}

TEST(FitBaseTest, ABaseThatSaysNothingCanBeNoMoreThanOne) {
  const Reference base = MakeReference("r.io/m:1");
  EXPECT_EQ(MisfitOfBase("FROM r.io/m:1\n", base, Platforms({"linux/arm64"}), {Platform()}), "");
  EXPECT_THAT(MisfitOfBase("FROM r.io/m:1\n", base, Platforms({"linux/arm64", "linux/amd64"}),
                           {Platform()}),
              StartsWith("base r.io/m:1 has no linux/amd64, linux/arm64 (it has an image that "
                         "doesn't say its platform);"));
}

}  // namespace
}  // namespace imglife
