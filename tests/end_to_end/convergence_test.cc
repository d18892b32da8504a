// After an apply the registries are as the configuration says, and imglife knows it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/registries_fixture.h"

namespace imglife {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

// Mirrors the two newest, keeps what a build stands on, lets old tags go.
constexpr char kGuide[] = R"(sync:
  entries:
    - source: $UPSTREAM/library/alpine
      tag_regex: '^3\.\d+\.\d+$'
      keep_last: 2
      target: $PRIVATE/mirrors/alpine
build:
  core_version: "1.0.0"
  registry: $PRIVATE/bases
  backend: buildah
  platforms: [linux/amd64, linux/arm64]
  images:
    - name: alpine
      folder: images/alpine
      type: core
      mirror_image: $PRIVATE/mirrors/alpine
      mirror_tag: "3.21.3"
retention:
  keep_last: 1
  max_age_days: 90
)";

// Tags that upstream moves, watched.
constexpr char kMoving[] = R"(sync:
  entries:
    - source: $UPSTREAM/library/alpine
      tag_regex: '^(3|latest)$'
      check_digest: true
      target: $PRIVATE/mirrors/alpine
)";

class ConvergenceTest : public RegistriesTest {
 protected:
  void SetUp() override {
    for (const char* tag : {"3.21.3", "3.23.5", "3.24.0", "3.24.1", "3", "latest"}) {
      upstream_images_[tag] = Push(upstream_, "library/alpine", tag);
    }
    Write("images/alpine/Dockerfile.tmpl",
          "FROM {{ .BaseImage }}\nCOPY motd /etc/motd\nLABEL base={{ .MirrorTag | quote }}\n");
    Write("images/alpine/motd", "hello\n");
  }

  void ExpectNothingLeft() {
    const ImglifeRun run = Run({"plan", "--detailed-exitcode"});
    EXPECT_THAT(run, ExitsWith(0));
    EXPECT_THAT(run.out, EndsWith(kNoChanges));
  }

  std::map<std::string, TestImage> upstream_images_;
};

TEST_F(ConvergenceTest, PlanAfterApplyIsEmpty) {
  Configure(kGuide);
  Push(private_, "mirrors/alpine", "3.18.4", Image("old alpine", "2023-10-01"));
  Push(private_, "mirrors/alpine", "3.21.3", upstream_images_["3.21.3"]);
  const ImglifeRun pending = Run({"plan", "--out", "plan.json", "--detailed-exitcode"});
  EXPECT_THAT(pending, ExitsWith(2));
  EXPECT_THAT(pending.out, EndsWith("Plan: 3 to add, 0 to change, 1 to destroy.\n"));

  const ImglifeRun applied = Run({"apply", "plan.json"});
  EXPECT_THAT(applied, ExitsWith(0));
  EXPECT_THAT(applied.out, StartsWith("Apply complete: 3 added, 0 changed, 1 destroyed; 0 already "
                                      "so, 0 failed, 0 skipped, 0 blocked, 0 withheld, 0 "
                                      "cancelled, 0 interrupted in "));

  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.21.3", "3.24.0", "3.24.1"));
  for (const char* tag : {"3.21.3", "3.24.0", "3.24.1"}) {
    EXPECT_EQ(DigestOf(private_, "mirrors/alpine", tag),
              upstream_images_[tag].manifest.digest.str());
    EXPECT_TRUE(HasAll(private_, "mirrors/alpine", upstream_images_[tag])) << tag;
  }
  EXPECT_THAT(Tags(private_, "bases/alpine"), ElementsAre("3.21.3-core1.0.0"));
  ExpectNothingLeft();
}

TEST_F(ConvergenceTest, TheSamePlanAgainDoesNothing) {
  Configure(kGuide);
  Push(private_, "mirrors/alpine", "3.18.4", Image("old alpine", "2023-10-01"));
  Push(private_, "mirrors/alpine", "3.21.3", upstream_images_["3.21.3"]);
  ASSERT_THAT(Run({"plan", "--out", "plan.json"}), ExitsWith(0));
  ASSERT_THAT(Run({"apply", "plan.json"}), ExitsWith(0));
  const std::string built = DigestOf(private_, "bases/alpine", "3.21.3-core1.0.0");
  NewRequests(private_);

  const ImglifeRun again = Run({"apply", "plan.json"});
  EXPECT_THAT(again, ExitsWith(0));
  EXPECT_THAT(again.out, StartsWith("Apply complete: 0 added, 0 changed, 0 destroyed; 4 already "
                                    "so, 0 failed, 0 skipped, 0 blocked, 0 withheld, 0 "
                                    "cancelled, 0 interrupted in "));
  EXPECT_THAT(NewWrites(private_), IsEmpty());
  EXPECT_EQ(DigestOf(private_, "bases/alpine", "3.21.3-core1.0.0"), built);
}

constexpr char kWithReport[] = R"(sync:
  entries:
    - {source: $UPSTREAM/library/alpine, tag: "3.23.5", target: $PRIVATE/mirrors/alpine}
    - {source: $UPSTREAM/library/alpine, tag: "3.24.1", target: $PRIVATE/mirrors/alpine}
status: {output: STATUS.md}
retention: {keep_last: 0}
)";

// What the report says is known only after the rest has run.
TEST_F(ConvergenceTest, TheSamePlanAgainFindsItsReportWritten) {
  Configure(kWithReport);
  Push(private_, "mirrors/alpine", "3.18.4");
  Push(private_, "mirrors/alpine", "3.23.5", upstream_images_["3.23.5"]);
  ASSERT_THAT(Run({"plan", "--out", "plan.json"}), ExitsWith(0));
  const ImglifeRun first = Run({"apply", "plan.json"});
  EXPECT_THAT(first, ExitsWith(0));
  EXPECT_THAT(first.out, StartsWith("Apply complete: 2 added, 0 changed, 1 destroyed; "));
  const std::string report = ReadFile(Path("STATUS.md")).value();
  EXPECT_THAT(report, HasSubstr("3.24.1"));
  for (const bool rehearsed : {true, false}) {
    std::vector<std::string> again = {"apply", "plan.json"};
    if (rehearsed) again.emplace_back("--dry-run");
    const ImglifeRun run = Run(again);
    EXPECT_THAT(run, ExitsWith(0)) << run.err;
    EXPECT_THAT(run.out, HasSubstr("3 already so"));
    EXPECT_EQ(ReadFile(Path("STATUS.md")).value(), report);
  }
  Write("STATUS.md", "something else\n");
  const ImglifeRun drifted = Run({"apply", "plan.json"});
  EXPECT_THAT(drifted, ExitsWith(3));
  EXPECT_THAT(drifted.err, HasSubstr("blocked (drift)"));
  EXPECT_EQ(ReadFile(Path("STATUS.md")).value(), "something else\n");
}

TEST_F(ConvergenceTest, TheReportTellsOfDeletionsThatAreWithheld) {
  Configure(kWithReport);
  Push(private_, "mirrors/alpine", "3.18.4");
  Push(private_, "mirrors/alpine", "3.23.5", upstream_images_["3.23.5"]);
  const ImglifeRun withheld = Run({"apply"});
  EXPECT_THAT(withheld, ExitsWith(0));
  EXPECT_THAT(withheld.out, HasSubstr("Apply complete: 2 added, 0 changed, 0 destroyed; 0 already "
                                      "so, 0 failed, 0 skipped, 0 blocked, 1 withheld, "));
  EXPECT_THAT(ReadFile(Path("STATUS.md")).value(), HasSubstr("3.18.4"));
  EXPECT_THAT(Run({"apply", "--auto-approve"}), ExitsWith(0));
  EXPECT_TRUE(ReadFile(Path("STATUS.md")).ok());
  ExpectNothingLeft();
}

TEST_F(ConvergenceTest, UpstreamMoves) {
  Configure(kMoving);
  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  ExpectNothingLeft();

  const TestImage moved = Push(upstream_, "library/alpine", "3", Image("alpine, a week later"));
  const ImglifeRun pending = Run({"plan", "--detailed-exitcode"});
  EXPECT_THAT(pending, ExitsWith(2));
  EXPECT_THAT(pending.out, HasSubstr("  ~ copy    " + private_.host() + "/mirrors/alpine:3 "));
  EXPECT_THAT(pending.out,
              HasSubstr("upstream moved · " + upstream_images_["3"].manifest.digest.Short() +
                        " → " + moved.manifest.digest.Short()));
  EXPECT_THAT(pending.out, EndsWith("Plan: 0 to add, 1 to change, 0 to destroy.\n"));

  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  EXPECT_EQ(DigestOf(private_, "mirrors/alpine", "3"), moved.manifest.digest.str());
  EXPECT_EQ(DigestOf(private_, "mirrors/alpine", "latest"),
            upstream_images_["latest"].manifest.digest.str());
  ExpectNothingLeft();
}

// Somebody pushes into the mirror: the plan tells that from what upstream did.
TEST_F(ConvergenceTest, SomethingElseChangesTheMirror) {
  Configure(kMoving);
  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  const TestImage pushed = Push(private_, "mirrors/alpine", "3", Image("pushed by hand"));
  const TestImage moved = Push(upstream_, "library/alpine", "latest", Image("a week later"));
  const ImglifeRun pending = Run({"plan", "--detailed-exitcode", "--out", "plan.json"});
  EXPECT_THAT(pending, ExitsWith(2));
  EXPECT_THAT(pending.out, HasSubstr("changed elsewhere · " + pushed.manifest.digest.Short() +
                                     " → " + upstream_images_["3"].manifest.digest.Short()));
  EXPECT_THAT(pending.out,
              HasSubstr("upstream moved · " + upstream_images_["latest"].manifest.digest.Short() +
                        " → " + moved.manifest.digest.Short()));
  ASSERT_THAT(Run({"apply", "plan.json"}), ExitsWith(0));
  EXPECT_EQ(DigestOf(private_, "mirrors/alpine", "3"), upstream_images_["3"].manifest.digest.str());
  ExpectNothingLeft();
}

// One input of the build changes: the build runs again and says why; nothing else does.
TEST_F(ConvergenceTest, ABuildRunsAgainOnlyWhenItsInputsChange) {
  Configure(kGuide);
  ASSERT_THAT(Run({"apply", "--auto-approve"}), ExitsWith(0));
  const std::string first = DigestOf(private_, "bases/alpine", "3.21.3-core1.0.0");
  Write("images/alpine/motd", "hello\n");
  ExpectNothingLeft();

  Write("images/alpine/motd", "hello again\n");
  const ImglifeRun pending = Run({"plan", "--detailed-exitcode"});
  EXPECT_THAT(pending, ExitsWith(2));
  EXPECT_THAT(pending.out, HasSubstr("motd"));
  EXPECT_THAT(pending.out, EndsWith("Plan: 0 to add, 1 to change, 0 to destroy.\n"));
  ASSERT_THAT(Run({"apply", "--auto-approve"}), ExitsWith(0));
  EXPECT_NE(DigestOf(private_, "bases/alpine", "3.21.3-core1.0.0"), first);
  ExpectNothingLeft();
}

class AnyConfigurationTest : public ConvergenceTest,
                             public testing::WithParamInterface<const char*> {};

TEST_P(AnyConfigurationTest, Converges) {
  for (const char* tag : {"3.20.1-slim", "3.20.1-slim-2", "edge", "20240807", "3.24.1_rc1"}) {
    Push(upstream_, "library/alpine", tag);
  }
  for (const char* tag : {"3.17.0", "3.18.0", "3.19.0"}) {
    Push(private_, "mirrors/alpine", tag, Image(tag, "2024-03-01"));
  }
  // Something wanted is there already, or min_keep would stop the deletions.
  Push(private_, "mirrors/alpine", "3.24.1", upstream_images_["3.24.1"]);
  Configure(std::string("sync:\n  entries:\n    - source: $UPSTREAM/library/alpine\n"
                        "      target: $PRIVATE/mirrors/alpine\n") +
            GetParam());
  ASSERT_THAT(Run({"apply", "--auto-approve"}), ExitsWith(0));
  ExpectNothingLeft();
}

INSTANTIATE_TEST_SUITE_P(
    Entries, AnyConfigurationTest,
    testing::Values("      tag: edge\n",                            //
                    "      tag_regex: '.*'\n",                      //
                    "      tag_regex: '^3'\n      keep_last: 1\n",  //
                    "      tag_regex: '3'\n      keep_last: 1\n      keep_last_per: minor\n",
                    "      tag_regex: '3'\n      keep_last: 1\n      keep_last_per: suffix\n",
                    "      tag_regex: '3'\n      exclude: ['slim', '^3$']\n",        //
                    "      tag_regex: '^3\\.24'\n      platforms: [linux/arm64]\n",  //
                    "      tag_regex: '^3\\.24'\n      platforms: [linux/arm64]\n"
                    "      check_digest: true\n",
                    "      tag_regex: '^3\\.2'\n      keep_last: 2\n"
                    "retention: {keep_last: 0}\n",
                    "      tag_regex: '^3\\.2'\n      keep_last: 2\n"
                    "retention: {keep_last: 1, order: version, keep_last_per: minor}\n",
                    "      tag_regex: '^3\\.2'\n      keep_last: 2\n"
                    "retention:\n  keep_last: 0\n"
                    "  archive: {enabled: true, registry: $PRIVATE/archive}\n"));

TEST_F(ConvergenceTest, WhatIsToBeRebuiltIsBuiltOnABaseThatComesOutTheSameToo) {
  environment_["SOURCE_DATE_EPOCH"] = "1780000000";
  Write("images/tools/Dockerfile.tmpl", "FROM {{ .BaseImage }}\nCOPY tools /etc/tools\n");
  Write("images/tools/tools", "hammer\n");
  PushRealBase(private_.At("mirrors/alpine"), "3.21.3");
  Configure(R"(build:
  core_version: "1.0.0"
  registry: $PRIVATE/bases
  backend: buildah
  platforms: [linux/amd64]
  images:
    - {name: alpine, folder: images/alpine, type: core, mirror_image: $PRIVATE/mirrors/alpine, mirror_tag: 3.21.3}
    - {name: tools, folder: images/tools, type: spe, mirror_image: $PRIVATE/bases/alpine, mirror_tag: 3.21.3-core1.0.0, version: '1'}
)");
  ASSERT_THAT(Run({"build"}), ExitsWith(0));
  const std::string base = DigestOf(private_, "bases/alpine", "3.21.3-core1.0.0");
  const ImglifeRun again = Run({"build", "--rebuild", "*"});
  EXPECT_THAT(again, ExitsWith(0)) << again.err;
  ASSERT_EQ(DigestOf(private_, "bases/alpine", "3.21.3-core1.0.0"), base);
  EXPECT_THAT(again.out, HasSubstr("├─ Built        2\n"));
}

}  // namespace
}  // namespace imglife
