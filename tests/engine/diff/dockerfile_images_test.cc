#include "engine/diff/dockerfile_images.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct DockerfileCase {
  const char* dockerfile;
  const char* image;
};

class ImagesOfTest : public ::testing::TestWithParam<DockerfileCase> {};

TEST_P(ImagesOfTest, ExpandsVariables) {
  EXPECT_THAT(ImagesOf(GetParam().dockerfile, {{"GIVEN", "g"}, {"EMPTY", ""}}).named,
              ElementsAre(GetParam().image));
}

INSTANTIATE_TEST_SUITE_P(
    Arguments, ImagesOfTest,
    ::testing::Values(DockerfileCase{"FROM m:1", "m:1"},
                      DockerfileCase{"ARG V=1\nFROM m:$V", "m:1"},
                      DockerfileCase{"arg V=1\nfrom --platform=$BUILDPLATFORM m:${V}-x as y",
                                     "m:1-x"},
                      DockerfileCase{"ARG V=1 W=2\nFROM m:$V$W", "m:12"},
                      DockerfileCase{"ARG V=1\nARG W=a$V\nFROM m:$W", "m:a1"},
                      DockerfileCase{"ARG V=1\nARG V=2\nFROM m:$V", "m:2"},
                      DockerfileCase{"ARG GIVEN=1\nFROM m:$GIVEN", "m:g"},
                      DockerfileCase{"ARG GIVEN\nFROM m:$GIVEN", "m:g"},
                      DockerfileCase{"ARG R=h.io/r\nFROM $R/m:1", "h.io/r/m:1"},
                      DockerfileCase{"ARG I=h.io/r:1\nFROM ${I}", "h.io/r:1"},
                      DockerfileCase{"ARG V=\"1\"\nFROM m:$V", "m:1"},
                      DockerfileCase{"ARG V='1'\nFROM \"m:$V\"", "m:1"},
                      DockerfileCase{"ARG V='$W'\nFROM m:$V", "m:$W"},
                      DockerfileCase{"ARG N=\"a b\" V=1\nFROM m:$V", "m:1"},
                      DockerfileCase{"ARG V=1 \\\n  # no\n W=2\nFROM m:$W", "m:2"},
                      DockerfileCase{"ARG V=1\nFROM m\\\n:$V", "m:1"},
                      DockerfileCase{"# escape=`\nARG V=1\nFROM m:`\n$V", "m:1"}));

INSTANTIATE_TEST_SUITE_P(Operators, ImagesOfTest,
                         ::testing::Values(DockerfileCase{"ARG V\nFROM m:${V:-2}", "m:2"},
                                           DockerfileCase{"FROM m:${V:-2}", "m:2"},
                                           DockerfileCase{"FROM m:${V-2}", "m:2"},
                                           DockerfileCase{"ARG V=1\nFROM m:${V:-2}", "m:1"},
                                           DockerfileCase{"ARG EMPTY\nFROM m:1${EMPTY:-2}", "m:12"},
                                           DockerfileCase{"ARG EMPTY\nFROM m:1${EMPTY-2}", "m:1"},
                                           DockerfileCase{"ARG V=1\nFROM m:${V:+2}", "m:2"},
                                           DockerfileCase{"FROM m:1${V:+2}", "m:1"},
                                           DockerfileCase{"ARG EMPTY\nFROM m:1${EMPTY+2}", "m:12"},
                                           DockerfileCase{"ARG W=3\nFROM m:${V:-${W:-2}}", "m:3"},
                                           DockerfileCase{"ARG V=1\nFROM m:${V:?no}", "m:1"}));

INSTANTIATE_TEST_SUITE_P(
    Untold, ImagesOfTest,
    ::testing::Values(DockerfileCase{"FROM m:$V", "m:*"},
                      DockerfileCase{"ARG V\nFROM m:${V}-x", "m:*-x"},
                      DockerfileCase{"ARG TARGETARCH=amd64\nFROM m:$TARGETARCH", "m:*"},
                      DockerfileCase{"ARG TARGETOS\nFROM m:${TARGETOS:-2}", "m:*"},
                      DockerfileCase{"ARG V=a$W\nFROM m:$V", "m:a*"},
                      DockerfileCase{"ARG V=1\nFROM m:${V%.*}", "m:*"},
                      DockerfileCase{"ARG V=1\nFROM m:${V/1/2}", "m:*"},
                      DockerfileCase{"FROM m:${V?no}", "m:*"}));

// Each line doubles what the one before it made.
TEST(ImagesOf, GivesUpOnVariablesThatGrow) {
  std::string dockerfile = "FROM a\nENV A=aaaaaaaaaaaaaaaa\n";
  for (int i = 0; i < 60; ++i) dockerfile += "ENV A=$A$A\n";
  EXPECT_THAT(ImagesOf(dockerfile + "COPY --from=m:$A a b\n", {}).named, ElementsAre("a", "m:*"));
}

TEST(ImagesOf, ReadsLongCommandsToTheEnd) {
  const std::string padding(std::size_t{2} << 20, 'x');
  EXPECT_THAT(
      ImagesOf("FROM a\nRUN echo " + padding + " && skopeo copy docker://h.io/m:1 x\n", {}).text,
      HasSubstr("docker://h.io/m:1 x"));
}

TEST(ImagesOf, GivesUpOnDefaultsWithinDefaults) {
  std::string nested;
  for (int i = 0; i < 100000; ++i) nested += "${V:-";
  nested += "1" + std::string(100000, '}');
  EXPECT_THAT(ImagesOf("FROM m:" + nested, {}).named, ElementsAre("m:*"));
}

TEST(ImagesOf, KnowsTheVariablesOfAStage) {
  EXPECT_THAT(ImagesOf("ARG V=1\nARG W=2\n"
                       "FROM a AS first\nARG V\nARG W=3\nENV X=4\n"
                       "COPY --chown=1 --from=m:$V /a /b\n"
                       "RUN --mount=type=bind,from=m:$W,target=/x --mount=from=m:$X true\n"
                       "FROM first\nRUN --mount=type=bind,from=first true\nCOPY --from=n:$X a b\n"
                       "FROM b\nCOPY --from=m:$V a b\n",
                       {})
                  .named,
              ElementsAre("a", "m:1", "m:3", "m:4", "n:4", "b", "m:*"));
}

TEST(ImagesOf, LetsTheEnvironmentWinOverArguments) {
  EXPECT_THAT(ImagesOf("FROM a\nENV V 1\nARG V=2\nENV V=3 W=$V\nCOPY --from=m:$W a b\n", {}).named,
              ElementsAre("a", "m:1"));
}

TEST(ImagesOf, SeesNoInstructionsInDocuments) {
  EXPECT_THAT(ImagesOf("FROM a\nRUN <<E\nFROM b\nE\nFROM c\n", {}).named, ElementsAre("a", "c"));
}

TEST(ImagesOf, ExpandsCommands) {
  EXPECT_THAT(ImagesOf("FROM a\nARG V=1\nRUN skopeo copy docker://h.io/m:$V x\n", {}).text,
              HasSubstr("docker://h.io/m:1 x"));
}

}  // namespace
}  // namespace imglife
