#include "engine/plan/fits_config.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/engine/plan/plan_maker.h"

namespace imglife {
namespace {

using ::testing::HasSubstr;

// Two entries and an image; retention.
Config Small() {
  Config config;
  config.sync.emplace();
  config.sync->entries.resize(2);
  config.build.emplace();
  config.build->images.resize(1);
  config.retention.emplace();
  return config;
}

Action CopyOf(std::size_t entry) {
  Action action = MakeCopy("r.test/a:1");
  action.copy.entry = entry;
  return action;
}

Action BuildOf(std::size_t image) {
  Action action = MakeBuild("r.test/b:1", "r.test/a:1");
  action.build.image = image;
  return action;
}

Action HookOf(Stage stage, std::size_t index) {
  Action action = MakeHook("post_sync a", {});
  action.stage = stage;
  action.hook.index = index;
  return action;
}

TEST(CheckFitsConfig, TakesWhatTheConfigurationHas) {
  const Plan plan =
      MakePlanOf({CopyOf(1), BuildOf(0), HookOf(Stage::kSync, 1),
                  MakeArchive("r.test/a:0", "r.test/archive/a:0"), MakeDelete("r.test/a:0")});
  EXPECT_TRUE(CheckFitsConfig(plan, Small()).ok());
}

TEST(CheckFitsConfig, RefusesEveryIndexBeyondTheEnd) {
  for (const Action& action :
       {CopyOf(2), BuildOf(1), HookOf(Stage::kSync, 999'999), HookOf(Stage::kBuild, 1)}) {
    const absl::Status status = CheckFitsConfig(MakePlanOf({action}), Small());
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr(action.Address()));
  }
}

TEST(CheckFitsConfig, RefusesWhatHasNoSection) {
  const Action archive = MakeArchive("r.test/a:0", "r.test/archive/a:0");
  for (const Action& action : {CopyOf(0), BuildOf(0), HookOf(Stage::kSync, 0),
                               HookOf(Stage::kBuild, 0), archive, MakeDelete("r.test/a:0")}) {
    EXPECT_FALSE(CheckFitsConfig(MakePlanOf({action}), Config()).ok()) << action.Address();
  }
}

}  // namespace
}  // namespace imglife
