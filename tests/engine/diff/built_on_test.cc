// Images and what they were built on, both of which are to be deleted.
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/diff/diff.h"
#include "engine/plan/graph.h"
#include "engine/plan/guards.h"
#include "tests/engine/diff/scene.h"
#include "tests/engine/plan/plan_maker.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kConfig = R"(
sync:
  entries: [{source: alpine, target: r.io/m, tag: wanted}]
build:
  core_version: 1.0.0
  registry: r.io/bases
  images: [{name: app, folder: app, type: core, mirror_image: r.io/m, mirror_tag: '3.2'}]
retention: {keep_last: 0, guard: {min_keep: 0, max_delete_percent: 100}}
)";

constexpr const char* kOldImage = "r.io/bases/app:3.0-core0.9.0";

class BuiltOn : public ::testing::Test {
 protected:
  BuiltOn() {
    scene_.Upstream("alpine:wanted", "a9");
    scene_.Tag("r.io/m:wanted", "a9");
    scene_.Tag("r.io/m:3.0", "a0");
    scene_.Tag("r.io/m:3.2", "a2");
    scene_.Tag("r.io/bases/app:3.2-core1.0.0", "b2");
    Label(kOldImage, "b0", "r.io/m:3.0");
  }

  void Label(const std::string& tag, const std::string& digest_start, const std::string& base) {
    auto& labels = scene_.Tag(tag, digest_start).platforms[0].config.labels;
    labels[std::string(annotation::kBaseName)] = base;
  }

  // The plan's deletions.
  std::vector<Action> Deletions(const std::set<Repository>& unplanned = {}) {
    scene_.LookAtDeletions();
    std::vector<Action> actions =
        DiffCleanup(scene_.config, scene_.Wanted(), scene_.observed, kNow, unplanned).actions;
    BlockBases(actions);
    return actions;
  }

  static const Action& Of(const std::vector<Action>& actions, const std::string& target) {
    for (const Action& action : actions) {
      if (action.target == target) return action;
    }
    throw std::logic_error("no deletion of " + target);
  }

  Scene scene_{kConfig};
};

TEST_F(BuiltOn, TheBaseGoesAfterTheImage) {
  const auto actions = Deletions();
  EXPECT_THAT(Of(actions, "r.io/m:3.0").removal.built_on_it, ElementsAre(kOldImage));
  EXPECT_FALSE(Of(actions, "r.io/m:3.0").blocked);
  EXPECT_THAT(Of(actions, kOldImage).removal.built_on_it, IsEmpty());
}

TEST_F(BuiltOn, TheBaseStaysIfTheImageHasNoDeletion) {
  auto actions = Deletions({MakeRepository("r.io/bases/app")});
  ASSERT_THAT(Addresses(actions), ElementsAre("delete r.io/m:3.0"));
  ASSERT_TRUE(actions[0].blocked);
  EXPECT_EQ(actions[0].blocked->guard, "base_in_use");
  ConnectActions(actions);
  EXPECT_TRUE(SortActions(actions).ok()) << "the rest of the plan is as it was";
}

TEST_F(BuiltOn, AnImageWithItsOwnNameAsBaseGoes) {
  Label(kOldImage, "b0", kOldImage);
  const auto actions = Deletions();
  EXPECT_THAT(Of(actions, kOldImage).removal.built_on_it, IsEmpty());
  EXPECT_FALSE(Of(actions, kOldImage).blocked);
}

TEST_F(BuiltOn, OfTwoThatStandOnEachOtherBothStay) {
  Label("r.io/bases/app:a", "b3", "r.io/bases/app:b");
  Label("r.io/bases/app:b", "b4", "r.io/bases/app:a");
  const auto actions = Deletions();
  EXPECT_TRUE(Of(actions, "r.io/bases/app:a").blocked);
  EXPECT_TRUE(Of(actions, "r.io/bases/app:b").blocked);
  EXPECT_FALSE(Of(actions, kOldImage).blocked);
}

}  // namespace
}  // namespace imglife
