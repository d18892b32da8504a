// Builds that wait: for the copy of their base, or for another build.
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/diff/diff.h"
#include "tests/engine/diff/build_scene.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kTop = "build r.io/bases/top:3.1-core1";
constexpr const char* kMiddle = "build r.io/bases/middle:3.1-core1";

// `top` stands on `middle`, which stands on the mirror's 3.1; written in the wrong order.
class DiffBuildInOrder : public ::testing::Test {
 protected:
  DiffBuildInOrder() {
    scene_.Upstream("alpine:3.1", "a1");
    scene_.Tag("r.io/m:3.1", "a1");
    scene_.List("r.io/bases/top");
    scene_.List("r.io/bases/middle");
    scene_.Folder(0, "FROM {{.BaseImage}}\n");
    scene_.Folder(1, "FROM {{.BaseImage}}\n");
  }

  void AllBuilt() {
    scene_.Built(1, "a1", "b1");
    scene_.Built(0, "b1", "b0");
  }

  StageDiff Build(const std::vector<std::string>& rebuild = {}) const {
    const Desired wanted = scene_.Wanted();
    return DiffBuild(scene_.config, wanted, scene_.observed,
                     DiffSync(scene_.config, wanted, scene_.observed), rebuild);
  }

  BuildScene scene_{R"(
sync:
  entries: [{source: alpine, target: r.io/m, tag_regex: '^3', check_digest: true}]
build:
  core_version: '1'
  registry: r.io/bases
  images:
    - {name: top, folder: top, type: spe, mirror_image: r.io/bases/middle, version: '3.1'}
    - {name: middle, folder: middle, type: core, mirror_image: r.io/m, mirror_tag: '3.1'}
)"};
};

TEST_F(DiffBuildInOrder, BuildsTheBaseFirst) {
  const StageDiff diff = Build();
  EXPECT_THAT(diff.errors, IsEmpty());
  ASSERT_THAT(Addresses(diff.actions), ElementsAre(kMiddle, kTop));
  EXPECT_THAT(diff.actions[0].needs, IsEmpty());
  const Action& top = diff.actions[1];
  EXPECT_THAT(top.needs,
              ElementsAre(Need{kMiddle, "it is the base of this image and is built first"}));
  EXPECT_EQ(top.build.base.ToString(), "r.io/bases/middle:3.1-core1");
  EXPECT_EQ(top.after, "");
}

TEST_F(DiffBuildInOrder, LeavesBothIfBothAreUpToDate) {
  AllBuilt();
  const StageDiff diff = Build();
  EXPECT_THAT(Addresses(diff.actions), IsEmpty());
  EXPECT_THAT(diff.errors, IsEmpty());
  EXPECT_THAT(diff.warnings, IsEmpty());
}

TEST_F(DiffBuildInOrder, BuildsWhatStandsOnABaseThatIsThere) {
  scene_.Built(1, "a1", "b1");
  const StageDiff diff = Build();
  ASSERT_THAT(Addresses(diff.actions), ElementsAre(kTop));
  EXPECT_THAT(diff.actions[0].needs, IsEmpty());
  EXPECT_EQ(diff.actions[0].build.base.digest, MakeDigest("b1"));
}

TEST_F(DiffBuildInOrder, BuildsAgainWhatStandsOnABaseThatIsBuiltAgain) {
  AllBuilt();
  const StageDiff diff = Build({"middle"});
  ASSERT_THAT(Addresses(diff.actions), ElementsAre(kMiddle, kTop));
  EXPECT_EQ(diff.actions[1].reason, "its base is built anew");
  EXPECT_EQ(diff.actions[1].operation, Operation::kUpdate);
  EXPECT_EQ(diff.actions[1].before, DigestText("b0"));
  EXPECT_TRUE(diff.actions[0].build.forced);
  EXPECT_FALSE(diff.actions[1].build.forced) << "only if its base is another one then";
  EXPECT_TRUE(Build({"*"}).actions.at(1).build.forced);
}

TEST_F(DiffBuildInOrder, LeavesTheBaseOfWhatIsBuiltAgain) {
  AllBuilt();
  EXPECT_THAT(Addresses(Build({"top"}).actions), ElementsAre(kTop));
}

TEST_F(DiffBuildInOrder, WaitsForTheCopyOfAnAbsentBase) {
  scene_.List("r.io/m") = ObservedRepository{.listed = true};
  const StageDiff diff = Build();
  EXPECT_THAT(diff.errors, IsEmpty());
  ASSERT_THAT(Addresses(diff.actions), ElementsAre(kMiddle, kTop));
  const Action& middle = diff.actions[0];
  EXPECT_THAT(middle.needs, ElementsAre(Need{"copy r.io/m:3.1",
                                             "it is the base of this image and is copied first"}));
  EXPECT_EQ(middle.build.base.digest, MakeDigest("a1"));
  EXPECT_EQ(middle.after, scene_.Inputs(1, {.base_digest = MakeDigest("a1")}).digest.str());
}

TEST_F(DiffBuildInOrder, StandsOnTheDigestThatTheCopyBrings) {
  AllBuilt();
  scene_.Upstream("alpine:3.1", "a2");
  const StageDiff diff = Build();
  ASSERT_THAT(Addresses(diff.actions), ElementsAre(kMiddle, kTop));
  EXPECT_EQ(diff.actions[0].reason, "base digest changed");
  EXPECT_EQ(diff.actions[0].build.base.digest, MakeDigest("a2"));
}

TEST_F(DiffBuildInOrder, FailsBothIfTheBaseIsNeitherThereNorCopied) {
  scene_.List("r.io/m") = ObservedRepository{.listed = true};
  scene_.Answer("alpine:3.1") = absl::NotFoundError("404");
  const StageDiff diff = Build();
  EXPECT_THAT(Addresses(diff.actions), IsEmpty());
  EXPECT_THAT(diff.errors,
              ElementsAre(HasSubstr("build.images[1]: its base r.io/m:3.1 can't be copied: "),
                          HasSubstr("build.images[0]: its base r.io/bases/middle:3.1-core1")));
}

TEST_F(DiffBuildInOrder, FailsOneImageAndPlansTheOther) {
  AllBuilt();
  scene_.observed.contexts.at(1) = absl::UnavailableError("unreadable");
  scene_.Folder(0, "FROM {{.BaseImage}}\nUSER app\n");
  const StageDiff diff = Build();
  EXPECT_THAT(Addresses(diff.actions), ElementsAre(kTop));
  EXPECT_THAT(diff.errors, ElementsAre(HasSubstr("build.images[1]: unreadable")));
}

TEST(DiffBuild, PlansNothingWithoutASection) {
  Scene scene("sync: {entries: [{source: alpine, target: r.io/m, tag: '3'}]}");
  const StageDiff diff = DiffBuild(scene.config, scene.Wanted(), scene.observed, {}, {});
  EXPECT_THAT(diff.actions, IsEmpty());
  EXPECT_THAT(diff.errors, IsEmpty());
}

}  // namespace
}  // namespace imglife
