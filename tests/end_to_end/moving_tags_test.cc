// Tags that others write while a run is at work on them are not overwritten.
#include <algorithm>
#include <atomic>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/plan/plan_file.h"
#include "schema/image/manifest.h"
#include "tests/end_to_end/breaking_proxy.h"
#include "tests/end_to_end/registries_fixture.h"

namespace imglife {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// A saved plan is applied through a proxy; at a request that the test chooses, somebody else comes
// in between.
class MovingTagsTest : public RegistriesTest {
 protected:
  MovingTagsTest() { environment_["PRIVATE"] = proxy_.host(); }

  void Plan() {
    ASSERT_THAT(Run({"plan", "--out", "plan.json"}), ExitsWith(0));
    const auto plan = ReadPlan(ReadFile(Path("plan.json")).value());
    ASSERT_TRUE(plan.ok()) << plan.status();
    actions_ = plan->actions;
  }

  // `meanwhile` is called once, at the first request whose line has one of `parts`.
  ImglifeRun Apply(std::set<std::string> parts, std::function<void()> meanwhile) {
    parts_ = std::move(parts);
    meanwhile_ = std::move(meanwhile);
    armed_ = true;
    ImglifeRun run = Run({"apply", "plan.json"});
    EXPECT_FALSE(armed_) << "nobody came in between";
    return run;
  }

  std::string Journal() const {
    return ReadFile(Path(".imglife/journal.ndjson")).value_or("not readable");
  }

  static std::string Short(const TestImage& image) { return image.manifest.digest.Short(); }

  std::vector<Action> actions_;

 private:
  Fault Decide(const std::string& line) {
    const bool is_it = std::any_of(parts_.begin(), parts_.end(), [&](const std::string& part) {
      return line.find(part) != std::string::npos;
    });
    if (armed_ && is_it && armed_.exchange(false)) meanwhile_();
    return Fault::kNone;
  }

  std::atomic<bool> armed_{false};
  std::set<std::string> parts_;
  std::function<void()> meanwhile_;
  BreakingProxy proxy_{private_.host(),
                       [this](int, const std::string& line) { return Decide(line); }};
};

class MovingBuildTest : public MovingTagsTest {
 protected:
  void SetUp() override {
    base_ = Push(private_, "mirrors/alpine", "3.24.0");
    Write("alpine/Dockerfile.tmpl", "FROM {{ .BaseImage }}\nCOPY motd /etc/motd\n");
    Write("alpine/motd", "hello\n");
    ConfigureBuild();
  }

  // While buildah pulls the base.
  ImglifeRun ApplyAndMeanwhilePush(const TestImage& image) {
    std::set<std::string> layers;
    for (const ManifestBytes& child : base_.children) {
      const auto manifest = ParseManifest(child.media_type, child.content);
      for (const Descriptor& layer : manifest->layers) {
        layers.insert("GET /v2/mirrors/alpine/blobs/" + layer.digest.str());
      }
    }
    return Apply(layers, [this, image] { Push(private_, "bases/alpine", kTag, image); });
  }

  static constexpr char kTag[] = "3.24.0-core1.0.0";
  TestImage base_;
};

TEST_F(MovingBuildTest, ATagThatAppearsWhileItIsBuiltIsLeftAlone) {
  Plan();
  const TestImage foreign = Image("foreign");
  const ImglifeRun run = ApplyAndMeanwhilePush(foreign);
  EXPECT_THAT(run, ExitsWith(3));
  EXPECT_THAT(run.err, HasSubstr("blocked (drift): changed since the plan was made: expected "
                                 "absent, found " +
                                 Short(foreign) + "; plan again"));
  EXPECT_THAT(run.out, HasSubstr("0 added, 0 changed, 0 destroyed; 0 already so, 0 failed, 0 "
                                 "skipped, 1 blocked"));
  EXPECT_EQ(DigestOf(private_, "bases/alpine", kTag), foreign.manifest.digest.str());
  EXPECT_THAT(Journal(), HasSubstr(R"("event":"failed")"));
  EXPECT_THAT(Journal(), Not(HasSubstr(R"("event":"done")")));
}

TEST_F(MovingBuildTest, ATagThatMovesWhileItIsBuiltAgainIsLeftAlone) {
  ImageSpec spec;
  spec.labels = {{"io.imglife.inputs", "sha256:" + std::string(64, '0')}};
  const TestImage before = Push(private_, "bases/alpine", kTag, MakeImage(spec));
  Plan();
  const TestImage foreign = Image("foreign");
  const ImglifeRun run = ApplyAndMeanwhilePush(foreign);
  EXPECT_THAT(run, ExitsWith(3));
  EXPECT_THAT(run.err, HasSubstr("expected " + Short(before) + ", found " + Short(foreign) +
                                 "; plan again"));
  EXPECT_EQ(DigestOf(private_, "bases/alpine", kTag), foreign.manifest.digest.str());
}

TEST_F(MovingBuildTest, WhatSomebodyElseBuiltMeanwhileFromTheSameInputsStays) {
  Plan();
  ASSERT_EQ(actions_.size(), 1U);
  ImageSpec spec;
  spec.labels = {{"io.imglife.inputs", actions_[0].after}};
  const TestImage same = MakeImage(spec);
  const ImglifeRun run = ApplyAndMeanwhilePush(same);
  EXPECT_THAT(run, ExitsWith(0));
  EXPECT_THAT(run.out, HasSubstr("0 added, 0 changed, 0 destroyed; 1 already so"));
  EXPECT_EQ(DigestOf(private_, "bases/alpine", kTag), same.manifest.digest.str());
}

class MovingArchiveTest : public MovingTagsTest {
 protected:
  void SetUp() override {
    Push(private_, "mirrors/alpine", "3.24.0", Push(upstream_, "library/alpine", "3.24.0"));
    old_ = Push(private_, "mirrors/alpine", "3.1", Image("old", "2024-01-01"));
    Configure(R"(sync:
  entries:
    - {source: $UPSTREAM/library/alpine, tag: "3.24.0", target: $PRIVATE/mirrors/alpine}
retention:
  keep_last: 0
  archive: {enabled: true, keep_days: 90, registry: $PRIVATE/archive}
)");
    Plan();
  }

  // When the first part of the image has come into the archive.
  ImglifeRun ApplyAndMeanwhilePush(const TestImage& image) {
    return Apply({"PUT /v2/archive/mirrors/alpine/manifests/"},
                 [this, image] { Push(private_, "archive/mirrors/alpine", "3.1", image); });
  }

  TestImage old_;
};

TEST_F(MovingArchiveTest, ANameThatIsTakenMeanwhileIsLeftAloneAndNothingIsDeleted) {
  const TestImage foreign = Image("foreign");
  const ImglifeRun run = ApplyAndMeanwhilePush(foreign);
  EXPECT_THAT(run, ExitsWith(3));
  EXPECT_THAT(run.err, HasSubstr("blocked (drift): changed since the plan was made: expected "
                                 "absent, found " +
                                 Short(foreign) + "; plan again"));
  EXPECT_THAT(run.out, HasSubstr("0 added, 0 changed, 0 destroyed; 0 already so, 0 failed, 0 "
                                 "skipped, 2 blocked"));
  EXPECT_EQ(DigestOf(private_, "archive/mirrors/alpine", "3.1"), foreign.manifest.digest.str());
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.1", "3.24.0"));
  EXPECT_TRUE(HasAll(private_, "mirrors/alpine", old_));
}

TEST_F(MovingArchiveTest, WhatSomebodyElseArchivedMeanwhileIsArchived) {
  const ImglifeRun run = ApplyAndMeanwhilePush(old_);
  EXPECT_THAT(run, ExitsWith(0));
  EXPECT_THAT(run.out, HasSubstr("0 added, 0 changed, 1 destroyed; 1 already so"));
  EXPECT_TRUE(HasAll(private_, "archive/mirrors/alpine", old_));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.24.0"));
}

class MovingDeletionTest : public MovingTagsTest {
 protected:
  // Two names of one image, of which one goes: its server can only remove a name by overwriting it.
  void SetUp() override {
    image_ = Push(upstream_, "library/alpine", "3.24.0");
    Push(private_, "mirrors/alpine", "3.24.0", image_);
    Push(private_, "mirrors/alpine", "3.1", image_);
    Configure(R"(sync:
  entries:
    - {source: $UPSTREAM/library/alpine, tag: "3.24.0", target: $PRIVATE/mirrors/alpine}
retention:
  keep_last: 0
)");
    Plan();
    ASSERT_EQ(actions_.size(), 1U);
  }

  TestImage image_;
};

TEST_F(MovingDeletionTest, ATagThatMovesDirectlyBeforeItWouldBeOverwrittenIsLeftAlone) {
  const TestImage foreign = Image("foreign");
  const ImglifeRun run = Apply({"POST /v2/mirrors/alpine/blobs/uploads/"}, [this, foreign] {
    Push(private_, "mirrors/alpine", "3.1", foreign);
  });
  EXPECT_THAT(run, ExitsWith(3));
  EXPECT_THAT(run.err, HasSubstr("blocked (drift): changed since the plan was made: expected " +
                                 Short(image_) + ", found " + Short(foreign) + "; plan again"));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.1", "3.24.0"));
  EXPECT_EQ(DigestOf(private_, "mirrors/alpine", "3.1"), foreign.manifest.digest.str());
  EXPECT_TRUE(HasAll(private_, "mirrors/alpine", foreign));
  EXPECT_TRUE(HasAll(private_, "mirrors/alpine", image_));
  EXPECT_THAT(Journal(), Not(HasSubstr(R"("event":"done")")));
}

}  // namespace
}  // namespace imglife
