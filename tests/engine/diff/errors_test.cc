// One cause is told once, whatever it affects.
#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/diff/diff.h"
#include "tests/engine/diff/build_scene.h"

namespace imglife {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr char kRefusal[] = "r.io refused the credentials from R_IO_USERNAME with 401";

class PlanErrors : public ::testing::Test {
 protected:
  Plan Make() const {
    const PlanRequest request{.stages = {Stage::kSync, Stage::kBuild, Stage::kCleanup},
                              .policy_now = kNow};
    return MakePlan(scene_.config, scene_.Wanted(), scene_.observed, request).value();
  }

  static absl::Status Refused(const std::string& repository) {
    return absl::UnauthenticatedError(repository + ": " + kRefusal);
  }

  BuildScene scene_{R"(
sync:
  entries:
    - {source: alpine, target: r.io/m/alpine, tag: '3.1'}
    - {source: debian, target: r.io/m/debian, tag_regex: '^1'}
build:
  core_version: '1'
  registry: r.io/bases
  images:
    - {name: app, folder: app, type: core, mirror_image: r.io/m/alpine, mirror_tag: '3.1'}
    - {name: web, folder: web, type: core, mirror_image: r.io/m/debian}
retention: {keep_last: 0}
)"};
};

TEST_F(PlanErrors, TellCredentialsOfOneRegistryOnce) {
  scene_.Upstream("alpine:3.1", "a1");
  scene_.Upstream("debian:12", "b1");
  for (const char* name : {"r.io/m/alpine", "r.io/m/debian", "r.io/bases/app", "r.io/bases/web"}) {
    scene_.List(name).status = Refused(name);
  }
  const Plan plan = Make();
  EXPECT_THAT(plan.errors,
              ElementsAre(AllOf(
                  StartsWith("4 repositories could not be read (r.io/bases/app, r.io/bases/web, "
                             "r.io/m/alpine, …), 2 images can't be planned (imglife.yaml:10:7: "
                             "build.images[0], imglife.yaml:11:7: build.images[1]), nothing is "
                             "deleted in 4 repositories ("),
                  EndsWith(std::string(": ") + kRefusal))));
  EXPECT_THAT(plan.not_planned, SizeIs(4));
  EXPECT_THAT(plan.not_planned, Each(Field(&NotPlanned::reason, plan.errors[0])));
}

TEST_F(PlanErrors, TellASourceThatCannotBeListedOnce) {
  scene_.Upstream("alpine:3.1", "a1");
  scene_.UpstreamFails("debian", absl::UnavailableError("docker.io/library/debian: no answer"));
  for (const char* name : {"r.io/m/alpine", "r.io/m/debian", "r.io/bases/app", "r.io/bases/web"}) {
    scene_.List(name);
  }
  const Plan plan = Make();
  EXPECT_THAT(plan.errors,
              ElementsAre(AllOf(StartsWith("imglife.yaml:5:7: sync.entries[1] can't be planned, "
                                           "imglife.yaml:11:7: build.images[1] can't be planned, "
                                           "nothing is deleted in 3 repositories ("),
                                EndsWith(": no answer"))));
}

// What isn't known to be absent upstream isn't said to be.
TEST_F(PlanErrors, TellOfABaseThatCannotBeCopied) {
  scene_.Upstream("debian:12", "b1");
  scene_.Answer("alpine:3.1") = absl::UnavailableError("docker.io/library/alpine:3.1: no answer");
  for (const char* name : {"r.io/m/alpine", "r.io/m/debian", "r.io/bases/app", "r.io/bases/web"}) {
    scene_.List(name);
  }
  const Plan plan = Make();
  EXPECT_THAT(plan.errors,
              ElementsAre("docker.io/library/alpine:3.1 could not be read, imglife.yaml:10:7: "
                          "build.images[0] can't be planned: no answer"));
}

TEST_F(PlanErrors, TellATemplateThatDoesNotRenderOnce) {
  scene_.Upstream("alpine:3.1", "a1");
  scene_.Upstream("debian:12", "b1");
  for (const char* name : {"r.io/m/alpine", "r.io/m/debian", "r.io/bases/app", "r.io/bases/web"}) {
    scene_.List(name);
  }
  scene_.Folder(0, "FROM {{.Nope}}\n");
  const Plan plan = Make();
  EXPECT_THAT(
      plan.errors,
      ElementsAre(AllOf(StartsWith("imglife.yaml:10:7: build.images[0] can't be planned, nothing "
                                   "is deleted in 4 repositories (r.io/bases/app, r.io/bases/web, "
                                   "r.io/m/alpine, …): app/Dockerfile.tmpl:1:"),
                        Not(HasSubstr("names can't be told")))));
}

}  // namespace
}  // namespace imglife
