#include <functional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/diff/diff.h"
#include "tests/engine/diff/build_scene.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kImage = "r.io/bases/app:3.1-core1.0.0";
constexpr const char* kBuildAddress = "build r.io/bases/app:3.1-core1.0.0";

// The image stands on r.io/m:3.1 with digest "a1", and is absent.
class DiffBuildOfAnImage : public ::testing::Test {
 protected:
  DiffBuildOfAnImage() {
    scene_.Tag("r.io/m:3.1", "a1");
    scene_.List("r.io/bases/app");
    scene_.Folder(0, "FROM {{.BaseImage}}\nARG A\n");
  }

  StageDiff Build(const std::vector<std::string>& rebuild = {}) const {
    return DiffBuild(scene_.config, scene_.Wanted(), scene_.observed, {}, rebuild);
  }

  void ExpectNothing(const StageDiff& diff) const {
    EXPECT_THAT(Addresses(diff.actions), IsEmpty());
    EXPECT_THAT(diff.errors, IsEmpty());
  }

  void ExpectErrorOnly(const std::string& error) const {
    const StageDiff diff = Build();
    EXPECT_THAT(Addresses(diff.actions), IsEmpty());
    ASSERT_THAT(diff.errors, ElementsAre(HasSubstr("imglife.yaml:6:7: build.images[0]: " + error)));
    ASSERT_EQ(diff.not_planned.size(), 1U);
    EXPECT_EQ(diff.not_planned[0].reason, diff.errors[0].text);
  }

  BuildImage& Written() { return scene_.config.build->images[0]; }

  BuildScene scene_{R"(
build:
  core_version: 1.0.0
  registry: r.io/bases
  images:
    - name: app
      folder: images/app
      type: core
      mirror_image: r.io/m
      mirror_tag: '3.1'
      args: {A: one}
)"};
};

TEST_F(DiffBuildOfAnImage, BuildsWhatIsAbsent) {
  const StageDiff diff = Build();
  EXPECT_THAT(diff.errors, IsEmpty());
  ASSERT_THAT(Addresses(diff.actions), ElementsAre(kBuildAddress));
  const Action& build = diff.actions[0];
  EXPECT_EQ(build.stage, Stage::kBuild);
  EXPECT_EQ(build.operation, Operation::kCreate);
  EXPECT_EQ(build.cause, Cause::kPending);
  EXPECT_EQ(build.before, kAbsent);
  EXPECT_EQ(build.after, scene_.Inputs(0, {.base_digest = MakeDigest("a1")}).digest.str());
  EXPECT_EQ(build.build.base.ToString(), "r.io/m:3.1@" + DigestText("a1"));
  EXPECT_EQ(build.rule.path, "build.images[0]");
  EXPECT_EQ(build.reason, "tag does not exist");
  EXPECT_THAT(build.remarks, ElementsAre("tag does not exist", "from m:3.1"));
  EXPECT_THAT(build.needs, IsEmpty());
}

TEST_F(DiffBuildOfAnImage, NeedsABaseOfItsPlatform) {
  auto& has = scene_.observed.base_platforms[{MakeRepository("r.io/m"), "3.1"}];
  has = std::vector{*Platform::Parse("linux/arm64"), *Platform::Parse("linux/amd64")};
  EXPECT_THAT(Addresses(Build().actions), ElementsAre(kBuildAddress));
  has = std::vector{*Platform::Parse("linux/arm64")};
  ExpectErrorOnly("its base r.io/m:3.1 has no linux/amd64 (it has linux/arm64); ");
  has = absl::UnavailableError("HTTP 503");
  ExpectErrorOnly("the platforms of its base r.io/m:3.1 could not be read: ");
}

TEST_F(DiffBuildOfAnImage, APlaceholderIsNoBase) {
  scene_.Tag("r.io/m:3.1", "dead").placeholder_of = "3.1";
  const StageDiff diff = Build();
  EXPECT_THAT(diff.actions, IsEmpty());
  ASSERT_EQ(diff.errors.size(), 1u);
  EXPECT_THAT(diff.errors[0].text, HasSubstr("its base r.io/m:3.1"));
}

TEST_F(DiffBuildOfAnImage, WhatIsBuiltAlreadyNeedsNoBase) {
  scene_.Built(0, "a1", "b1");
  scene_.observed.base_platforms[{MakeRepository("r.io/m"), "3.1"}] = std::vector<Platform>();
  ExpectNothing(Build());
}

TEST_F(DiffBuildOfAnImage, LeavesWhatWasBuiltFromTheseInputs) {
  scene_.Built(0, "a1", "b1");
  ExpectNothing(Build());
}

TEST_F(DiffBuildOfAnImage, TakesAPlaceholderForAnAbsentTag) {
  scene_.Tag(kImage, "dead").placeholder_of = MakeReference(kImage).tag;
  const StageDiff diff = Build();
  ASSERT_THAT(Addresses(diff.actions), ElementsAre(kBuildAddress));
  EXPECT_EQ(diff.actions[0].operation, Operation::kCreate);
  EXPECT_EQ(diff.actions[0].before, DigestText("dead"));
}

TEST_F(DiffBuildOfAnImage, NamesEveryInputThatChanged) {
  scene_.Built(0, "a1", "b1");
  Written().args = {{"B", "two"}};
  scene_.Folder(0, "FROM {{.BaseImage}}\nARG B\n").files[0].digest = Digest::OfBytes("walk");
  const StageDiff diff = Build();
  ASSERT_THAT(Addresses(diff.actions), ElementsAre(kBuildAddress));
  EXPECT_EQ(diff.actions[0].operation, Operation::kUpdate);
  EXPECT_EQ(diff.actions[0].cause, Cause::kPending);
  EXPECT_EQ(diff.actions[0].before, DigestText("b1"));
  EXPECT_EQ(diff.actions[0].reason, "argument A, argument B, file run.sh, template changed");
}

TEST_F(DiffBuildOfAnImage, BlamesUpstreamForAnotherBase) {
  scene_.Built(0, "a0", "b1");
  const StageDiff diff = Build();
  ASSERT_THAT(Addresses(diff.actions), ElementsAre(kBuildAddress));
  EXPECT_EQ(diff.actions[0].reason, "base digest changed");
  EXPECT_EQ(diff.actions[0].cause, Cause::kUpstream);
}

TEST_F(DiffBuildOfAnImage, SaysNoMoreThanTheLabelsTell) {
  scene_.Built(0, "a0", "b1");
  scene_.Image("r.io/bases/app", "b1").platforms[0].config.labels.erase("io.imglife.inputs-parts");
  EXPECT_EQ(Build().actions.at(0).reason, "inputs changed");
}

TEST_F(DiffBuildOfAnImage, LeavesWhatSomethingElseBuiltAndSaysSo) {
  scene_.Tag(kImage, "b1");
  const StageDiff diff = Build();
  ExpectNothing(diff);
  EXPECT_THAT(diff.warnings, ElementsAre(HasSubstr("was built by something else")));
  const StageDiff asked = Build({"app"});
  EXPECT_THAT(Addresses(asked.actions), ElementsAre(kBuildAddress));
  EXPECT_THAT(asked.warnings, IsEmpty());
}

TEST_F(DiffBuildOfAnImage, RebuildsWhatIsUpToDateIfAskedTo) {
  scene_.Built(0, "a1", "b1");
  for (const char* pattern : {"app", "a*", "*", "?pp", "[a-c]pp"}) {
    const StageDiff diff = Build({pattern});
    EXPECT_THAT(diff.errors, IsEmpty());
    ASSERT_THAT(Addresses(diff.actions), ElementsAre(kBuildAddress)) << pattern;
    EXPECT_EQ(diff.actions[0].reason, "rebuild was asked for");
    EXPECT_EQ(diff.actions[0].operation, Operation::kUpdate);
    EXPECT_TRUE(diff.actions[0].build.forced);
  }
}

TEST_F(DiffBuildOfAnImage, ABuilderThatCannotDoItIsAnError) {
  scene_.observed.builders[1] = absl::FailedPreconditionError("of another image");
  EXPECT_THAT(Addresses(Build().actions), ElementsAre(kBuildAddress));
  scene_.observed.builders[0] = absl::FailedPreconditionError("there is no docker");
  ExpectErrorOnly("there is no docker");
}

TEST_F(DiffBuildOfAnImage, RefusesLayoutsThatBuildersDoNotFind) {
  scene_.Folder(0, "FROM ocidir://other:1 AS other\nFROM other\n");
  ExpectErrorOnly("FROM ocidir://other:1: builders find no image layout but that of the base");
}

TEST_F(DiffBuildOfAnImage, RefusesATemplateWithoutFrom) {
  for (const char* text : {"", "# {{.BaseImage}}\n", "RUN x\n"}) {
    scene_.Folder(0, text);
    ExpectErrorOnly("images/app/Dockerfile.tmpl:1: renders to no FROM with an image");
  }
}

TEST_F(DiffBuildOfAnImage, WarnsWhereTheLastFromIsAnotherImage) {
  scene_.Folder(0, "FROM {{.BaseImage}} AS a\nFROM r.io/m:3.0\n");
  EXPECT_THAT(Build().warnings,
              ElementsAre("imglife.yaml: build.images[0]: the last FROM of "
                          "images/app/Dockerfile.tmpl is r.io/m:3.0, not r.io/m:3.1 "
                          "({{.BaseImage}}): the labels that name the base would be false"));
  for (const char* text : {"FROM r.io/m:3.0 AS a\nFROM {{.BaseImage}}\n",
                           "FROM {{.BaseImage}} AS a\nFROM a\n", "ARG B\nFROM $B\n"}) {
    scene_.Folder(0, text);
    EXPECT_THAT(Build().warnings, IsEmpty()) << text;
  }
}

TEST_F(DiffBuildOfAnImage, ReportsATemplateThatFails) {
  scene_.Folder(0, "FROM x\n{{.Nothing}}\n");
  ExpectErrorOnly("images/app/Dockerfile.tmpl:2:");
}

TEST_F(DiffBuildOfAnImage, ReportsAFolderThatCannotBeRead) {
  scene_.observed.contexts.at(0) = absl::NotFoundError("images/app is not there");
  ExpectErrorOnly("images/app is not there");
  scene_.observed.contexts.clear();
  ExpectErrorOnly("its folder was not read");
}

TEST_F(DiffBuildOfAnImage, ReportsARepositoryThatCannotBeRead) {
  scene_.List("r.io/bases/app").status = absl::UnavailableError("r.io/bases/app: no answer");
  ExpectErrorOnly("r.io/bases/app could not be read: no answer");
  scene_.List("r.io/bases/app").listed = false;
  ExpectErrorOnly("r.io/bases/app could not be read: it was not listed");
}

TEST_F(DiffBuildOfAnImage, ReportsAnImageThatCannotBeRead) {
  scene_.Built(0, "a0", "b1");
  scene_.Answer(kImage) = absl::UnavailableError("no answer");
  ExpectErrorOnly(std::string(kImage) + " could not be read: no answer");
  scene_.List("r.io/bases/app").resolved.clear();
  ExpectErrorOnly(std::string(kImage) + " could not be read: it was not asked");
}

TEST_F(DiffBuildOfAnImage, ReportsABaseThatIsNotThere) {
  scene_.Answer("r.io/m:3.1") = absl::NotFoundError("404");
  ExpectErrorOnly("its base r.io/m:3.1 does not exist and nothing here makes it");
  scene_.observed.repositories.erase(MakeRepository("r.io/m"));
  ExpectErrorOnly("its base r.io/m:3.1 does not exist and nothing here makes it");
}

TEST_F(DiffBuildOfAnImage, ReportsABaseThatCannotBeRead) {
  scene_.Answer("r.io/m:3.1") = absl::UnavailableError("no answer");
  ExpectErrorOnly("its base r.io/m:3.1 could not be read: no answer");
  scene_.List("r.io/m").resolved.clear();
  scene_.List("r.io/m").status = absl::UnavailableError("no list");
  ExpectErrorOnly("its base r.io/m:3.1 could not be read: no list");
}

TEST_F(DiffBuildOfAnImage, LooksAtTheEndOfLifeThatATemplateNames) {
  Written().lifecycle = LifecycleRef{.product = "alpine"};
  scene_.Folder(0, "FROM {{.BaseImage}}\nLABEL eol={{.EOLDate}}\n");
  scene_.Built(0, "a1", "b1");
  EolCycle cycle;
  cycle.cycle = "3.1";
  cycle.eol = DateOrBool{absl::CivilDay(2027, 5, 1), false};
  scene_.observed.eol["alpine"] = EolCycles{cycle};
  EXPECT_EQ(Build().actions.at(0).reason, "template changed");
}

TEST_F(DiffBuildOfAnImage, ARebuildOfWhatIsAbsentIsABuild) {
  const StageDiff diff = Build({"app"});
  EXPECT_THAT(Addresses(diff.actions), ElementsAre(kBuildAddress));
  EXPECT_THAT(diff.errors, IsEmpty());
}

}  // namespace
}  // namespace imglife
