#include "providers/builders/named_platforms.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

NamedPlatforms Named(const std::string& dockerfile) {
  return NamePlatforms(dockerfile, *Platform::Parse("linux/arm64"));
}

TEST(NamePlatformsTest, AFromGetsThePlatformThatIsBuilt) {
  const NamedPlatforms named = Named("ARG A\nfrom \\\n  a:1 AS x\nRUN true\nFROM scratch\n");
  EXPECT_EQ(named.dockerfile,
            "ARG A\nfrom --platform=linux/arm64 \\\n  a:1 AS x\nRUN true\n"
            "FROM --platform=linux/arm64 scratch\n");
  EXPECT_THAT(named.others, IsEmpty());
  EXPECT_TRUE(named.all_told);
}

TEST(NamePlatformsTest, WhatAFromAsksForStaysItsOwn) {
  const NamedPlatforms named = Named("FROM --platform=linux/amd64 a AS x\nFROM a\n");
  EXPECT_EQ(named.dockerfile,
            "FROM --platform=linux/amd64 a AS x\nFROM --platform=linux/arm64 a\n");
  EXPECT_THAT(named.others, ElementsAre(*Platform::Parse("linux/amd64")));
  EXPECT_TRUE(named.all_told);
}

TEST(NamePlatformsTest, AStageHasThePlatformOfTheStageThatItStandsOn) {
  EXPECT_EQ(Named("FROM --platform=linux/amd64 a AS x\nFROM X AS y\nFROM a\n").dockerfile,
            "FROM --platform=linux/amd64 a AS x\nFROM --platform=linux/amd64 X AS y\n"
            "FROM --platform=linux/arm64 a\n");
}

TEST(NamePlatformsTest, TheTargetIsThePlatformThatIsBuilt) {
  const NamedPlatforms named =
      Named("FROM --platform=$TARGETPLATFORM a\nFROM --platform=${TARGETPLATFORM} b\n");
  EXPECT_EQ(named.dockerfile, "FROM --platform=linux/arm64 a\nFROM --platform=linux/arm64 b\n");
  EXPECT_TRUE(named.all_told);
}

TEST(NamePlatformsTest, OtherVariablesMayBeAnyPlatform) {
  const NamedPlatforms named = Named("FROM --platform=$BUILDPLATFORM a\n");
  EXPECT_EQ(named.dockerfile, "FROM --platform=$BUILDPLATFORM a\n");
  EXPECT_FALSE(named.all_told);
}

TEST(NamePlatformsTest, DocumentsAreNoInstructions) {
  const std::string text = "FROM --platform=linux/arm64 a\nRUN <<E\nFROM b\nE\n";
  EXPECT_EQ(Named(text).dockerfile, text);
}

}  // namespace
}  // namespace imglife
