// A saved plan is applied to what it was made for, and to nothing else.
#include <atomic>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/breaking_proxy.h"
#include "tests/end_to_end/registries_fixture.h"
#include "tests/support/golden.h"

namespace imglife {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr char kBuild[] = R"(build:
  core_version: "1.0.0"
  registry: $PRIVATE/bases
  backend: buildah
  platforms: [linux/amd64]
  images:
    - {name: app, folder: images/app, type: core, mirror_image: $PRIVATE/mirrors/app, mirror_tag: "1.4.0"}
)";

class SavedPlansTest : public RegistriesTest {
 protected:
  void SetUp() override {
    for (const char* tag : {"1.2.0", "1.3.0", "1.4.0"}) {
      Push(upstream_, "library/app", tag);
      Push(private_, "mirrors/app", tag, Image(std::string("library/app:") + tag));
    }
    environment_["WANT"] = "1.4.0";
    Write("images/app/Dockerfile.tmpl", "FROM {{ .BaseImage }}\n");
  }

  // One tag of mirrors/app is wanted, the others go.
  void ConfigureMirror(const std::string& tag, const std::string& more,
                       const std::string& host = "$PRIVATE") {
    Configure("sync:\n  entries:\n    - {source: $UPSTREAM/library/app, tag: " + tag +
              ", target: " + host + "/mirrors/app}\nretention:\n  keep_last: 0\n" + more);
  }

  void SaveDeletions() {
    const ImglifeRun run = Run({"plan", "--only", "delete", "--out", "plan.json"});
    ASSERT_THAT(run, ExitsWith(0)) << run.err;
    ASSERT_THAT(run.out, HasSubstr("- delete  "));
  }

  // Nothing is asked of a registry, and what changed is said.
  void ExpectRefused(const std::string& changed) {
    ForgetRequests();
    const ImglifeRun run = Run({"apply", "plan.json"});
    EXPECT_THAT(run, ExitsWith(4));
    EXPECT_THAT(run.err, HasSubstr("plan.json: changed since the plan was made: " + changed + ": "))
        << run.err;
    EXPECT_THAT(NewRequests(private_), IsEmpty());
    EXPECT_THAT(NewRequests(upstream_), IsEmpty());
  }

  void ExpectAllThere() {
    EXPECT_THAT(Tags(private_, "mirrors/app"), ElementsAre("1.2.0", "1.3.0", "1.4.0"));
  }

  std::string mirror() const { return private_.host() + "/mirrors/app"; }

  // Built on `base`, as its labels say.
  static TestImage BuiltOn(const std::string& base, const std::string& name) {
    ImageSpec image;
    image.name = name;
    image.labels["org.opencontainers.image.base.name"] = base;
    return MakeImage(image);
  }

  static TestImage BuiltOn(const Digest& base, const std::string& name) {
    ImageSpec image;
    image.name = name;
    image.labels["org.opencontainers.image.base.digest"] = base.str();
    return MakeImage(image);
  }
};

TEST_F(SavedPlansTest, AVariableThatChangedIsNamed) {
  ConfigureMirror("$WANT", "");
  SaveDeletions();
  environment_["WANT"] = "1.2.0";
  ExpectRefused("variable WANT");
  ExpectAllThere();
  environment_["WANT"] = "1.4.0";
  EXPECT_THAT(Run({"apply", "plan.json"}), ExitsWith(0));
  EXPECT_THAT(Tags(private_, "mirrors/app"), ElementsAre("1.4.0"));
}

TEST_F(SavedPlansTest, AVariableThatPinsATagIsNamed) {
  ConfigureMirror("1.4.0", "  exclude_tags: ['${PIN:-none}']\n");
  SaveDeletions();
  environment_["PIN"] = "1.2.0";
  ExpectRefused("variable PIN");
  ExpectAllThere();
  environment_["PIN"] = "";
  EXPECT_THAT(Run({"apply", "plan.json"}), ExitsWith(0)) << "the default counts for it";
}

// What doesn't decide isn't looked at, and no value is in the file.
TEST_F(SavedPlansTest, OnlyWhatValuesDependOn) {
  ConfigureMirror("'${WANT:-$OTHER}'",
                  "status:\n  output: ${REPORT:-status}.md\n  git: {commit: false}\n");
  environment_["REPORT"] = "weekly-figures";
  SaveDeletions();
  EXPECT_THAT(ReadTestFile(Path("plan.json")),
              AllOf(HasSubstr("\"name\": \"variable REPORT\""), Not(HasSubstr("OTHER")),
                    Not(HasSubstr("weekly-figures"))));
  environment_["OTHER"] = "1.2.0";
  EXPECT_THAT(Run({"apply", "plan.json"}), ExitsWith(0));
}

TEST_F(SavedPlansTest, AnotherServerIsNamed) {
  environment_["IMGLIFE_REGISTRY_ENDPOINT_MIRROR_TEST"] = private_.url();
  ConfigureMirror("1.4.0", "", "mirror.test");
  SaveDeletions();
  for (const char* tag : {"1.2.0", "1.3.0", "1.4.0"}) {
    Push(upstream_, "mirrors/app", tag, Image(std::string("library/app:") + tag));
  }
  const std::string endpoint = "endpoint of mirror.test (IMGLIFE_REGISTRY_ENDPOINT_MIRROR_TEST)";
  environment_["IMGLIFE_REGISTRY_ENDPOINT_MIRROR_TEST"] = upstream_.url();
  ExpectRefused(endpoint);
  environment_.erase("IMGLIFE_REGISTRY_ENDPOINT_MIRROR_TEST");
  ExpectRefused(endpoint);
  EXPECT_THAT(Tags(upstream_, "mirrors/app"), ElementsAre("1.2.0", "1.3.0", "1.4.0"));
  ExpectAllThere();
}

TEST_F(SavedPlansTest, TheConfigurationIsNamedFirst) {
  ConfigureMirror("$WANT", "");
  SaveDeletions();
  ConfigureMirror("$WANT", "  max_age_days: 5\n");
  environment_["WANT"] = "1.2.0";
  const ImglifeRun run = Run({"apply", "plan.json"});
  EXPECT_THAT(run, ExitsWith(4));
  EXPECT_THAT(run.err, HasSubstr("the plan was made for another configuration"));
  ExpectAllThere();
}

TEST_F(SavedPlansTest, ADockerfileThatNamesMoreNowIsNamed) {
  ConfigureMirror("1.4.0", kBuild);
  SaveDeletions();
  Write("images/app/Dockerfile.tmpl", "FROM " + mirror() + ":1.2.0 AS t\nFROM {{ .BaseImage }}\n");
  ExpectRefused("template of build.images[0]");
  ExpectAllThere();
  Write("images/app/Dockerfile.tmpl", "FROM {{ .BaseImage }}\n");
  EXPECT_THAT(Run({"apply", "plan.json"}), ExitsWith(0));
}

TEST_F(SavedPlansTest, TemplatesMayChangeWhereNothingGoes) {
  ConfigureMirror("1.4.0", kBuild);
  ASSERT_THAT(Run({"plan", "--exclude", "cleanup", "--exclude", "build", "--out", "plan.json"}),
              ExitsWith(0));
  Write("images/app/Dockerfile.tmpl", "FROM {{ .BaseImage }}\nUSER app\n");
  EXPECT_THAT(Run({"apply", "plan.json"}), ExitsWith(0));
}

// What a blocked deletion would wait for isn't in such a plan.
TEST_F(SavedPlansTest, NoGuardIsLiftedOfThePlanOfAStage) {
  Push(upstream_, "library/app", "1.5.0");
  ConfigureMirror("1.5.0", "  guard: {max_deletes: 1}\n");
  const ImglifeRun listed = Run({"cleanup", "--list", "--json"});
  ASSERT_THAT(listed, ExitsWith(0));
  Write("plan.json", listed.out);
  const ImglifeRun run = Run({"apply", "plan.json", "--allow-deletes", mirror() + "=9"});
  EXPECT_THAT(run, ExitsWith(3)) << run.out;
  EXPECT_THAT(run.err, HasSubstr("it can't be allowed now"));
  ExpectAllThere();
  ASSERT_THAT(Run({"plan", "--out", "plan.json"}), ExitsWith(0));
  EXPECT_THAT(Run({"apply", "plan.json", "--allow-deletes", mirror() + "=9"}), ExitsWith(0));
  EXPECT_THAT(Tags(private_, "mirrors/app"), ElementsAre("1.5.0"));
}

TEST_F(SavedPlansTest, WhatANewImageWasBuiltOnStays) {
  ConfigureMirror("1.4.0", kBuild);
  SaveDeletions();
  Push(private_, "bases/app", "9.9", BuiltOn(mirror() + ":1.2.0", "app"));
  const std::string why = "delete " + mirror() + ":1.2.0  blocked (in_use): " + private_.host() +
                          "/bases/app:9.9, which came after the plan was made, was built on it";
  const ImglifeRun rehearsed = Run({"apply", "plan.json", "--dry-run"});
  EXPECT_THAT(rehearsed, ExitsWith(3));
  EXPECT_THAT(rehearsed.err, HasSubstr(why));
  ExpectAllThere();
  const ImglifeRun run = Run({"apply", "plan.json"});
  EXPECT_THAT(run, ExitsWith(3));
  EXPECT_THAT(run.err, HasSubstr(why));
  EXPECT_THAT(Tags(private_, "mirrors/app"), ElementsAre("1.2.0", "1.4.0"));
}

// By its digest, and where a name that was there means another image now.
TEST_F(SavedPlansTest, WhatAMovedImageWasBuiltOnStays) {
  ConfigureMirror("1.4.0", kBuild);
  const TestImage before = Push(private_, "bases/app", "9.9", BuiltOn(mirror() + ":1.4.0", "app"));
  ASSERT_THAT(Run({"plan", "--only", "delete " + mirror() + "*", "--out", "plan.json"}),
              ExitsWith(0));
  Push(private_, "bases/app", "9.9",
       BuiltOn(Image("library/app:1.3.0").manifest.digest, "app, again"));
  EXPECT_THAT(Run({"apply", "plan.json"}), ExitsWith(3));
  EXPECT_THAT(Tags(private_, "mirrors/app"), ElementsAre("1.3.0", "1.4.0"));
}

// As a plan would keep it: BASE_IMAGE_REF, a transport, another spelling of the host, no tag.
TEST_F(SavedPlansTest, WhateverWayANewImageNamesItsBase) {
  Push(private_, "mirrors/app", "latest", Image("latest"));
  ConfigureMirror("1.4.0", kBuild);
  SaveDeletions();
  const std::string host = "127.0.0.2" + private_.host().substr(private_.host().find(':'));
  ImageSpec image;
  image.name = "app";
  image.labels["BASE_IMAGE_REF"] = "docker://" + host + "/mirrors/app:1.2.0";
  image.labels["org.opencontainers.image.base.name"] = host + "/mirrors/app";
  Push(private_, "bases/app", "9.9", MakeImage(image));
  EXPECT_THAT(Run({"apply", "plan.json"}), ExitsWith(3));
  EXPECT_THAT(Tags(private_, "mirrors/app"), ElementsAre("1.2.0", "1.4.0", "latest"));
}

TEST_F(SavedPlansTest, WhatANewImageWasBuiltOnByTheDigestOfItsPlatformStays) {
  ConfigureMirror("1.4.0", kBuild);
  SaveDeletions();
  const Digest platform = Image("library/app:1.2.0").children.back().digest;
  Push(private_, "bases/app", "9.9", BuiltOn(platform, "app"));
  EXPECT_THAT(Run({"apply", "plan.json"}), ExitsWith(3));
  EXPECT_THAT(Tags(private_, "mirrors/app"), ElementsAre("1.2.0", "1.4.0"));
}

// Under a name that only an endpoint makes one of the registry.
TEST_F(SavedPlansTest, WhatANewImageWasBuiltOnUnderAnotherNameOfTheRegistryStays) {
  environment_["IMGLIFE_REGISTRY_ENDPOINT_CACHE_TEST"] = private_.url();
  ConfigureMirror("1.4.0", kBuild);
  SaveDeletions();
  Push(private_, "bases/app", "9.9", BuiltOn("cache.test/mirrors/app:1.2.0", "app"));
  EXPECT_THAT(Run({"apply", "plan.json"}), ExitsWith(3));
  EXPECT_THAT(Tags(private_, "mirrors/app"), ElementsAre("1.2.0", "1.4.0"));
  EXPECT_THAT(Run({"plan"}).out, HasSubstr("blocked by base_in_use: " + private_.host() +
                                           "/bases/app:9.9, which stays, was built on it"));
}

TEST_F(SavedPlansTest, ImagesThatCannotBeReadDeleteNothing) {
  std::atomic<bool> broken = false;
  const BreakingProxy proxy(private_.host(), [&](int, const std::string& line) {
    return broken && line.find("/bases/app/tags/list") != std::string::npos ? Fault::kUnavailable
                                                                            : Fault::kNone;
  });
  environment_["PRIVATE"] = proxy.host();
  ConfigureMirror("1.4.0", kBuild);
  SaveDeletions();
  broken = true;
  NewRequests(private_);
  const ImglifeRun run = Run({"apply", "plan.json"});
  EXPECT_THAT(run, ExitsWith(1));
  EXPECT_THAT(run.err, HasSubstr("nothing is deleted, as it is not known what the images in " +
                                 proxy.host() + "/bases/app were built on: "));
  EXPECT_THAT(NewWrites(private_), IsEmpty());
  ExpectAllThere();
}

// The plan would delete both: the image in between, and what it was built on.
TEST_F(SavedPlansTest, OverAnyNumberOfSteps) {
  ConfigureMirror("1.4.0", kBuild);
  const std::string between = private_.host() + "/bases/app:2.0";
  Push(private_, "bases/app", "2.0", BuiltOn(mirror() + ":1.2.0", "between"));
  Push(private_, "bases/app", "1.4.0-core1.0.0", BuiltOn(mirror() + ":1.4.0", "wanted"));
  ASSERT_THAT(Run({"plan", "--only", "delete", "--exclude", "build", "--out", "plan.json"}),
              ExitsWith(0));
  ASSERT_THAT(ReadTestFile(Path("plan.json")), HasSubstr("delete " + mirror() + ":1.2.0"));
  Push(private_, "bases/app", "9.9", BuiltOn(between, "top"));
  EXPECT_THAT(Run({"apply", "plan.json"}), ExitsWith(3));
  EXPECT_THAT(Tags(private_, "mirrors/app"), ElementsAre("1.2.0", "1.4.0"));
}

}  // namespace
}  // namespace imglife
