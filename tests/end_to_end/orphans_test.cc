// Repositories below build.registry that nothing declares are told, and never touched.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/registries_fixture.h"

namespace imglife {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class OrphansTest : public RegistriesTest {
 protected:
  void SetUp() override {
    Push(private_, "mirrors/alpine", "3.24.0", Push(upstream_, "library/alpine", "3.24.0"));
    Push(private_, "bases/old", "1.0", Image("old", "2020-01-01"));
    Push(private_, "bases/old", "1.1", Image("old", "2020-01-01"));
    Push(private_, "bases/alpine", "3.24.0-core1.0.0", Image("built by hand"));
    std::filesystem::create_directory(Path("alpine"));
    Write("alpine/Dockerfile.tmpl", "FROM {{.BaseImage}}\n");
    Configure(R"(sync:
  entries:
    - source: $UPSTREAM/library/alpine
      tag: "3.24.0"
      target: $PRIVATE/mirrors/alpine
build:
  core_version: 1.0.0
  registry: $PRIVATE/bases
  images:
    - {name: alpine, folder: alpine, type: core, mirror_image: $PRIVATE/mirrors/alpine}
retention: {keep_last: 0}
)");
  }

  std::string orphan() const { return private_.host() + "/bases/old"; }
};

TEST_F(OrphansTest, AreNamedInPlanListAndStatus) {
  const std::string told = "orphan: " + orphan() + " (2 tags) is below build.registry";
  const ImglifeRun plan = Run({"plan", "--detailed-exitcode"});
  EXPECT_THAT(plan, ExitsWith(0));
  EXPECT_THAT(plan.out, HasSubstr(told));
  EXPECT_THAT(plan.out, Not(HasSubstr("/mirrors/alpine (")));
  EXPECT_THAT(Run({"cleanup", "--list"}).out, HasSubstr(told));
  EXPECT_THAT(Run({"status"}).out, HasSubstr("| `" + orphan() + "` | 2 |"));
  EXPECT_THAT(Run({"status", "--format", "json"}).out,
              HasSubstr("\"repository\": \"" + orphan() + "\""));
}

TEST_F(OrphansTest, KeepWhatTheyWereBuiltOn) {
  for (const char* tag : {"3.1.0", "3.2.0"}) {
    Push(private_, "mirrors/alpine", tag, Image(tag, "2020-01-01"));
  }
  ImageSpec image{.name = "on top"};
  image.labels["org.opencontainers.image.base.name"] = private_.host() + "/mirrors/alpine:3.1.0";
  Push(private_, "bases/old", "2.0", MakeImage(image));
  EXPECT_THAT(Run({"cleanup", "--force"}), ExitsWith(0));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.1.0", "3.24.0"));
}

TEST_F(OrphansTest, StayWhateverRetentionSays) {
  EXPECT_THAT(Run({"cleanup", "--force"}), ExitsWith(0));
  EXPECT_THAT(Tags(private_, "bases/old"), ElementsAre("1.0", "1.1"));
}

}  // namespace
}  // namespace imglife
