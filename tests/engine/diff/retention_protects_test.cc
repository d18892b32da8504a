// What builds stand on, and what could not be read.
#include <functional>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/diff/retention.h"
#include "tests/engine/diff/retention_scene.h"
#include "tests/engine/plan/plan_maker.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kBuilt = "r.io/bases/app";

constexpr const char* kMirrorAndBuild = R"(
sync:
  entries: [{source: alpine, target: r.io/m, tag: wanted}]
build:
  core_version: 1.0.0
  registry: r.io/bases
  images: [{name: app, folder: app, type: core, mirror_image: r.io/m, mirror_tag: '3.2'}]
retention: {keep_last: 0}
)";

class RetentionOfBases : public ::testing::Test {
 protected:
  RetentionOfBases() {
    scene_.Tag("r.io/m:3.0", "a0");
    scene_.Tag("r.io/m:3.1", "a1");
    scene_.Tag("r.io/m:3.1-alias", "a1");
    scene_.Tag("r.io/m:3.2", "a2");
    scene_.List(kBuilt);
  }

  // The image that is there under the desired name, with these labels.
  void Built(const std::string& base_name, const std::string& base_digest) {
    auto& labels = scene_.Tag("r.io/bases/app:3.2-core1.0.0", "b1").platforms[0].config.labels;
    labels[std::string(annotation::kBaseName)] = base_name;
    labels[std::string(annotation::kBaseDigest)] = base_digest;
  }

  Scene scene_{kMirrorAndBuild};
};

TEST_F(RetentionOfBases, KeepsWhatADesiredImageStandsOn) {
  const RetentionResult result = Judge(scene_);
  EXPECT_THAT(Candidates(result), ElementsAre("3.0", "3.1", "3.1-alias"));
  EXPECT_EQ(result.tags[3].reason, "build.images[0] stands on it");
}

TEST_F(RetentionOfBases, KeepsWhatADesiredImageWasBuiltOnByName) {
  Built("r.io/m:3.0", "");
  const RetentionResult result = Judge(scene_);
  EXPECT_THAT(Candidates(result), ElementsAre("3.1", "3.1-alias"));
  EXPECT_EQ(result.tags[0].reason, "r.io/bases/app:3.2-core1.0.0 was built on it");
}

TEST_F(RetentionOfBases, KeepsEveryNameOfTheDigestThatADesiredImageWasBuiltOn) {
  Built("", DigestText("a1"));
  EXPECT_THAT(Candidates(Judge(scene_)), ElementsAre("3.0"));
}

TEST_F(RetentionOfBases, KeepsTheIndexOfThePlatformThatADesiredImageWasBuiltOn) {
  scene_.Image(kCleanedMirror, "a1").platforms.push_back({.digest = MakeDigest("c1")});
  Built("", DigestText("c1"));
  EXPECT_THAT(Candidates(Judge(scene_)), ElementsAre("3.0"));
}

TEST_F(RetentionOfBases, KeepsWhatAnyPlatformWasBuiltOn) {
  Built("r.io/m:3.0", "");
  ObservedPlatform other;
  other.config.labels[std::string(annotation::kBaseName)] = "r.io/m:3.1";
  scene_.Image(kBuilt, "b1").platforms.push_back(other);
  EXPECT_THAT(Candidates(Judge(scene_)), ElementsAre("3.1-alias"));
}

TEST_F(RetentionOfBases, KnowsEveryWayToNameABase) {
  Built("docker://r.io/m:3.0", "");
  EXPECT_THAT(Candidates(Judge(scene_)), ElementsAre("3.1", "3.1-alias"));
  auto& labels = scene_.Image(kBuilt, "b1").platforms[0].config.labels;
  labels = {{"BASE_IMAGE_REF", "r.io/m:3.0"}};
  EXPECT_THAT(Candidates(Judge(scene_)), ElementsAre("3.1", "3.1-alias"));
  labels = {{"BASE_IMAGE_REF", "r.io/m@" + DigestText("a1")}};
  EXPECT_THAT(Candidates(Judge(scene_)), ElementsAre("3.0"));
}

// An image that nobody declares any more, and that exclude_tags or keep_last keeps, still has its
// base.
TEST_F(RetentionOfBases, KeepsWhatAKeptImageWasBuiltOn) {
  scene_.config.retention->defaults.exclude_tags = {"3.1-core0.9.0"};
  auto& labels = scene_.Tag("r.io/bases/app:3.1-core0.9.0", "b0").platforms[0].config.labels;
  labels[std::string(annotation::kBaseName)] = "r.io/m:3.1";
  EXPECT_THAT(Candidates(Judge(scene_)), ElementsAre("3.0", "3.1-alias"));
  labels[std::string(annotation::kBaseDigest)] = DigestText("a1");
  const RetentionResult result = Judge(scene_);
  EXPECT_THAT(Candidates(result), ElementsAre("3.0"));
  EXPECT_EQ(result.tags[1].reason, "r.io/bases/app:3.1-core0.9.0 was built on it");
}

TEST_F(RetentionOfBases, LetsGoWhatOnlyAnImageThatGoesWasBuiltOn) {
  auto& labels = scene_.Tag("r.io/bases/app:3.1-core0.9.0", "b0").platforms[0].config.labels;
  labels[std::string(annotation::kBaseName)] = "r.io/m:3.1";
  EXPECT_THAT(Candidates(Judge(scene_)), ElementsAre("3.0", "3.1", "3.1-alias"));
}

// Over several steps: the kept image, the image it was built on, and the base of that.
TEST_F(RetentionOfBases, KeepsTheBasesOfBases) {
  scene_.config.retention->defaults.exclude_tags = {"2"};
  auto& top = scene_.Tag("r.io/bases/app:2", "b2").platforms[0].config.labels;
  top[std::string(annotation::kBaseName)] = "r.io/bases/app:1";
  auto& middle = scene_.Tag("r.io/bases/app:1", "b1").platforms[0].config.labels;
  middle[std::string(annotation::kBaseName)] = "r.io/m:3.0";
  EXPECT_THAT(Candidates(Judge(scene_)), ElementsAre("3.1", "3.1-alias"));
  EXPECT_THAT(Candidates(Judge(scene_, kBuilt)), IsEmpty());
}

TEST_F(RetentionOfBases, ReadsAnnotationsWhereThereAreNoLabels) {
  scene_.config.retention->defaults.exclude_tags = {"theirs"};
  scene_.Tag("r.io/bases/app:theirs", "b0")
      .manifest.annotations[std::string(annotation::kBaseName)] = "r.io/m:3.0";
  EXPECT_THAT(Candidates(Judge(scene_)), ElementsAre("3.1", "3.1-alias"));
}

class RetentionOfNamed : public RetentionOfBases {
 protected:
  void Template(const std::string& text) {
    scene_.observed.contexts.at(0)->dockerfile_template = text;
  }
};

TEST_F(RetentionOfNamed, KeepsWhatADockerfileNames) {
  Template("FROM r.io/m:3.0 AS tools\nFROM {{.BaseImage}}\nCOPY --from=r.io/m:3.1 /a /b\n");
  const RetentionResult result = Judge(scene_);
  EXPECT_THAT(Candidates(result), ElementsAre("3.1-alias"));
  EXPECT_EQ(result.tags[0].reason, "named by the Dockerfile of build.images[0]");
}

TEST_F(RetentionOfNamed, KeepsWhatADockerfileNamesByDigest) {
  Template("FROM r.io/m@" + DigestText("a1") + " AS tools\nFROM {{.BaseImage}}\n");
  EXPECT_THAT(Candidates(Judge(scene_)), ElementsAre("3.0"));
}

TEST_F(RetentionOfNamed, KeepsWhatAnArgumentNames) {
  scene_.config.build->images[0].args["TOOLS"] = "r.io/m:3.0";
  Template("ARG TOOLS\nFROM ${TOOLS} AS tools\nFROM {{.BaseImage}}\n");
  EXPECT_THAT(Candidates(Judge(scene_)), ElementsAre("3.1", "3.1-alias"));
}

// The default of the Dockerfile, and what `args` gives instead of one.
TEST_F(RetentionOfNamed, KeepsWhatVariablesName) {
  scene_.config.build->images[0].args["TOOL"] = "3.1";
  Template(
      "ARG TOOL=9\nARG OTHER=\"3.0\"\nFROM r.io/m:${TOOL} AS t\nFROM r.io/m:$OTHER AS o\n"
      "FROM {{.BaseImage}}\n");
  EXPECT_THAT(Candidates(Judge(scene_)), ElementsAre("3.1-alias"));
}

TEST_F(RetentionOfNamed, KeepsWhatARunNamesByVariables) {
  Template("FROM {{.BaseImage}}\nARG M=r.io/m\nRUN skopeo copy docker://$M:3.0 dir:/x\n");
  EXPECT_THAT(Candidates(Judge(scene_)), ElementsAre("3.1", "3.1-alias"));
}

TEST_F(RetentionOfNamed, KeepsWhatTheEndOfLifeDateMakesADockerfileName) {
  scene_.config.build->images[0].lifecycle = LifecycleRef{.product = "alpine"};
  EolCycle cycle;
  cycle.cycle = "3.2";
  cycle.eol = DateOrBool{absl::CivilDay(2027, 5, 1), false};
  scene_.observed.eol_file.products["alpine"] = {cycle};
  Template("FROM {{if .EOLDate}}r.io/m:3.0{{else}}r.io/m:3.1{{end}} AS t\nFROM {{.BaseImage}}\n");
  EXPECT_THAT(Candidates(Judge(scene_)), ElementsAre("3.1", "3.1-alias"));
}

TEST_F(RetentionOfNamed, KeepsLatestWhereNoTagIsWritten) {
  scene_.Tag("r.io/m:latest", "a4");
  Template("FROM r.io/m AS tools\nFROM {{.BaseImage}}\n");
  EXPECT_THAT(Candidates(Judge(scene_)), ElementsAre("3.0", "3.1", "3.1-alias"));
}

TEST_F(RetentionOfNamed, LetsNothingGoWhereAVariableHasNoValueThatCanBeTold) {
  for (const char* named : {"FROM r.io/m:3.0-$TARGETARCH AS t\n", "ARG T\nFROM r.io/m:${T} AS t\n",
                            "ARG R\nFROM ${R}/m:3.0 AS t\n", "ARG M\nFROM $M AS t\n"}) {
    Template(std::string(named) + "FROM {{.BaseImage}}\n");
    const RetentionResult result = Judge(scene_);
    EXPECT_THAT(Candidates(result), IsEmpty()) << named;
    EXPECT_THAT(result.errors, ElementsAre(HasSubstr("is a variable without a value"))) << named;
  }
}

TEST_F(RetentionOfNamed, DoesNotMindVariablesOfOtherRepositories) {
  Template(
      "FROM other.io/go:$TARGETARCH AS go\nFROM {{.BaseImage}} AS base-amd64\n"
      "FROM base-$TARGETARCH\n");
  EXPECT_THAT(Candidates(Judge(scene_)), ElementsAre("3.0", "3.1", "3.1-alias"));
}

TEST_F(RetentionOfNamed, TellsReferencesFromWhatLooksLikeThem) {
  Template("FROM r.io/m:3.0.1 AS a\nFROM other.r.io/m:3.1 AS b\nFROM {{.BaseImage}}\n");
  EXPECT_THAT(Candidates(Judge(scene_)), ElementsAre("3.0", "3.1", "3.1-alias"));
}

TEST_F(RetentionOfNamed, LetsNothingGoWhereATemplateCannotBeRead) {
  scene_.Tag("r.io/bases/app:1", "b1");
  Template("FROM {{.Nothing}}\n");
  for (const char* repository : {kCleanedMirror, kBuilt}) {
    const RetentionResult result = Judge(scene_, repository);
    EXPECT_THAT(Candidates(result), IsEmpty());
    EXPECT_THAT(result.errors,
                ElementsAre(HasSubstr("the Dockerfile of build.images[0] names can't be told: "
                                      "app/Dockerfile.tmpl:1:")));
  }
}

// Its Dockerfile may name any tag of any repository.
TEST_F(RetentionOfNamed, LetsNothingGoWhereAnImageCannotBeResolved) {
  Desired desired = scene_.Wanted();
  desired.images.clear();
  const RetentionResult result = JudgeRetention(scene_.config, desired, scene_.observed, kNow)
                                     .at(MakeRepository(kCleanedMirror));
  EXPECT_THAT(Candidates(result), IsEmpty());
  EXPECT_THAT(result.errors, ElementsAre(HasSubstr("the Dockerfile of build.images[0] names")));
}

// Nothing deletes an orphan.
TEST_F(RetentionOfBases, KeepsWhatAnOrphanWasBuiltOn) {
  ObservedImage image;
  image.platforms.resize(1);
  image.platforms[0].config.labels[std::string(annotation::kBaseName)] = "r.io/m:3.0";
  const Repository orphan = MakeRepository("r.io/bases/old");
  scene_.observed.orphan_images[orphan] = std::map<std::string, ObservedImage>{{"1", image}};
  const RetentionResult result = Judge(scene_);
  EXPECT_THAT(Candidates(result), ElementsAre("3.1", "3.1-alias"));
  EXPECT_EQ(result.tags[0].reason, "r.io/bases/old:1 was built on it");
}

TEST_F(RetentionOfBases, LetsNothingGoWhereAnOrphanCannotBeRead) {
  scene_.observed.orphan_images[MakeRepository("r.io/bases/old")] =
      absl::UnavailableError("no answer");
  const RetentionResult result = Judge(scene_);
  EXPECT_THAT(Candidates(result), IsEmpty());
  EXPECT_THAT(result.errors, ElementsAre(HasSubstr("r.io/bases/old could not be read completely")));
}

TEST_F(RetentionOfBases, LetsNothingGoWhereOrphansCouldNotBeListed) {
  scene_.observed.orphans_status = absl::UnavailableError("500");
  const RetentionResult result = Judge(scene_);
  EXPECT_THAT(Candidates(result), IsEmpty());
  EXPECT_THAT(result.errors, ElementsAre(HasSubstr("what orphans there were built on: 500")));
}

struct Host {
  const char* said;
  bool is_one;
};

class RetentionOfLoopback : public ::testing::TestWithParam<Host> {};

TEST_P(RetentionOfLoopback, KnowsItsSpellings) {
  Scene scene(R"(
sync:
  entries: [{source: alpine, target: '127.0.0.1:7102/m', tag: wanted}]
retention: {keep_last: 0, exclude_tags: [app]}
)");
  scene.Tag("127.0.0.1:7102/m:1", "a1");
  scene.Tag("127.0.0.1:7102/m:app", "b1")
      .platforms[0]
      .config.labels[std::string(annotation::kBaseName)] = std::string(GetParam().said) + "/m:1";
  EXPECT_EQ(Candidates(Judge(scene, "127.0.0.1:7102/m")).empty(), GetParam().is_one);
}

INSTANTIATE_TEST_SUITE_P(Retention, RetentionOfLoopback,
                         ::testing::Values(Host{"127.0.0.1:7102", true},
                                           Host{"localhost:7102", true}, Host{"[::1]:7102", true},
                                           Host{"docker://127.0.0.2:7102", true},
                                           Host{"localhost:7103", false}, Host{"localhost", false},
                                           Host{"r.io:7102", false}));

// r.io under another name, by its endpoint.
TEST_F(RetentionOfBases, KnowsOtherNamesOfTheRegistry) {
  scene_.observed.servers =
      RegistryServers({{EndpointVariable("cache.io"), ServerName("r.io", 443, "")}}, {});
  Built("cache.io/m:3.0", "");
  EXPECT_THAT(Candidates(Judge(scene_)), ElementsAre("3.1", "3.1-alias"));
}

TEST_F(RetentionOfNamed, KnowsOtherNamesOfTheRegistry) {
  scene_.observed.servers =
      RegistryServers({{EndpointVariable("cache.io"), ServerName("r.io", 443, "")}}, {});
  Template("FROM cache.io/m:3.0 AS t\nFROM {{.BaseImage}}\nRUN x docker://cache.io/m:3.1 y\n");
  EXPECT_THAT(Candidates(Judge(scene_)), ElementsAre("3.1-alias"));
  Template("ARG T\nFROM cache.io/m:$T AS t\nFROM {{.BaseImage}}\n");
  EXPECT_THAT(Candidates(Judge(scene_)), IsEmpty());
}

TEST_F(RetentionOfNamed, KeepsTheIndexOfThePlatformThatADockerfileNames) {
  scene_.Image(kCleanedMirror, "a1").platforms.push_back({.digest = MakeDigest("c1")});
  Template("FROM r.io/m@" + DigestText("c1") + " AS tools\nFROM {{.BaseImage}}\n");
  EXPECT_THAT(Candidates(Judge(scene_)), ElementsAre("3.0"));
}

TEST_F(RetentionOfBases, DoesNotConfuseRepositories) {
  Built("r.io/other:3.0", DigestText("ff"));
  EXPECT_THAT(Candidates(Judge(scene_)), ElementsAre("3.0", "3.1", "3.1-alias"));
}

TEST_F(RetentionOfBases, KeepsTheDesiredImageOnly) {
  Built("", "");
  scene_.Tag("r.io/bases/app:3.1-core1.0.0", "b2");
  const RetentionResult result = Judge(scene_, kBuilt);
  EXPECT_THAT(Candidates(result), ElementsAre("3.1-core1.0.0"));
  EXPECT_EQ(result.tags[1].reason, "built by build.images[0]");
}

struct UnreadableUser {
  const char* name;
  std::function<void(Scene&)> breaks;
  const char* error;
};

class RetentionOfUnreadable : public ::testing::TestWithParam<UnreadableUser> {};

TEST_P(RetentionOfUnreadable, LetsNothingGo) {
  Scene scene(kMirrorAndBuild);
  scene.List(kBuilt);
  scene.Tag("r.io/m:1", "a1");
  scene.Tag("r.io/m:2", "a2", absl::Hours(24) * 400);
  scene.Tag("r.io/m:3", "a3").placeholder_of = "3";
  ASSERT_THAT(Candidates(Judge(scene)), ElementsAre("1", "2", "3"));
  GetParam().breaks(scene);
  const RetentionResult result = Judge(scene);
  EXPECT_THAT(Candidates(result), IsEmpty());
  EXPECT_THAT(result.errors, ElementsAre(HasSubstr(GetParam().error)));
}

INSTANTIATE_TEST_SUITE_P(
    Retention, RetentionOfUnreadable,
    ::testing::Values(
        UnreadableUser{"not_listed", [](Scene& s) { s.List(kCleanedMirror).listed = false; },
                       "r.io/m could not be read, so nothing is deleted there: it was not listed"},
        UnreadableUser{
            "never_seen",
            [](Scene& s) { s.observed.repositories.erase(MakeRepository(kCleanedMirror)); },
            "r.io/m could not be read, so nothing is deleted there: it was not listed"},
        UnreadableUser{"list_refused",
                       [](Scene& s) {
                         s.List(kCleanedMirror).status = absl::PermissionDeniedError("r.io/m: 403");
                       },
                       "r.io/m could not be read, so nothing is deleted there: 403"},
        UnreadableUser{
            "tag_not_asked", [](Scene& s) { s.List(kCleanedMirror).resolved.erase("1"); },
            "r.io/m:1 could not be read, so nothing is deleted in its repository: it was "
            "not asked"},
        UnreadableUser{"tag_refused",
                       [](Scene& s) { s.Answer("r.io/m:3") = absl::DataLossError("wrong digest"); },
                       "r.io/m:3 could not be read, so nothing is deleted in its repository: wrong "
                       "digest"},
        UnreadableUser{"tag_or_child_gone",
                       [](Scene& s) { s.Answer("r.io/m:2") = absl::NotFoundError("404"); },
                       "r.io/m:2 is listed but can't be found, so nothing is deleted"},
        UnreadableUser{"built_image_list",
                       [](Scene& s) { s.List(kBuilt).status = absl::UnavailableError("503"); },
                       "nothing is deleted in r.io/m: r.io/bases/app could not be read completely"},
        UnreadableUser{
            "built_image",
            [](Scene& s) {
              s.Tag("r.io/bases/app:3.2-core1.0.0", "b1");
              s.Answer("r.io/bases/app:3.2-core1.0.0") = absl::UnavailableError("503");
            },
            "nothing is deleted in r.io/m: r.io/bases/app could not be read completely"}),
    [](const ::testing::TestParamInfo<UnreadableUser>& tested) { return tested.param.name; });

// What an unreadable image was built on isn't known.
TEST(Retention, OfBasesOfAnUnreadableImageLetsNothingGo) {
  Scene scene(kMirrorAndBuild);
  scene.Tag("r.io/m:1", "a1");
  scene.Tag("r.io/bases/app:3.2-core1.0.0", "b1");
  scene.Tag("r.io/bases/app:1", "b2");
  ASSERT_THAT(Candidates(Judge(scene)), ElementsAre("1"));
  scene.Answer("r.io/bases/app:1") = absl::UnavailableError("no answer");
  const RetentionResult result = Judge(scene);
  EXPECT_THAT(Candidates(result), IsEmpty());
  EXPECT_THAT(result.errors, ElementsAre(HasSubstr("r.io/bases/app could not be read completely")));
}

// What was built on a base may have been copied elsewhere, and be there alone by now.
TEST(Retention, OfBasesLetsNothingGoWherePromotedImagesAreUnreadable) {
  Scene scene(R"(
sync:
  entries:
    - {source: alpine, target: r.io/m, tag: wanted}
    - {source: r.io/bases/app, target: prod.io/app, tag_regex: '.*'}
build:
  core_version: 1.0.0
  registry: r.io/bases
  images: [{name: app, folder: app, type: core, mirror_image: r.io/m, mirror_tag: '3.2'}]
retention: {keep_last: 0}
)");
  scene.Tag("r.io/m:1", "a1");
  scene.List(kBuilt);
  scene.Tag("prod.io/app:1", "b2");
  ASSERT_THAT(Candidates(Judge(scene)), ElementsAre("1"));
  scene.Answer("prod.io/app:1") = absl::UnavailableError("no answer");
  const RetentionResult result = Judge(scene);
  EXPECT_THAT(Candidates(result), IsEmpty());
  EXPECT_THAT(result.errors, ElementsAre(HasSubstr("prod.io/app could not be read completely")));
}

TEST(Retention, WhatOneUnreadableImageStandsOnMayBeAnything) {
  Scene scene(kMirrorAndBuild);
  scene.Tag("r.io/m:1", "a1");
  scene.Tag("r.io/bases/app:1", "b1");
  EXPECT_THAT(Candidates(Judge(scene, kBuilt)), ElementsAre("1"));
  scene.Answer("r.io/m:1") = absl::UnavailableError("no answer");
  EXPECT_THAT(Candidates(Judge(scene)), IsEmpty());
  EXPECT_THAT(Candidates(Judge(scene, kBuilt)), IsEmpty()) << "that of a mirror too";
}

}  // namespace
}  // namespace imglife
