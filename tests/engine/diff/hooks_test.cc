#include "engine/diff/hooks.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/engine/diff/scene.h"
#include "tests/engine/plan/plan_maker.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kHooks = R"(
sync:
  hooks: {post_sync: [{cmd: scan}]}
  entries:
    - {source: alpine, target: r.io/m, tag: '3'}
    - {source: debian, target: r.io/d, tag: '12', hooks: {post_sync: [{cmd: own}]}}
    - {source: debian, target: r.io/d, tag: '13'}
build:
  core_version: '1'
  registry: r.io/bases
  images:
    - {name: plain, folder: a, type: core, mirror_image: r.io/m}
    - {name: app, folder: b, type: core, mirror_image: r.io/d, hooks: {post_image_build: [{cmd: try}]}}
)";

Action CopyOf(const std::string& target, std::size_t entry) {
  Action action = MakeCopy(target);
  action.copy.entry = entry;
  return action;
}

Action BuildOf(const std::string& target, std::size_t image) {
  Action action = MakeBuild(target, "r.io/m:3");
  action.build.image = image;
  return action;
}

// For what the entry or image of the hook made itself.
std::vector<std::string> Commands(const Config& config, const Action& hook) {
  Action made;
  made.copy.entry = hook.hook.index;
  std::vector<std::string> commands;
  for (const Hook& command : HooksOf(config, hook, made)) commands.push_back(command.cmd);
  return commands;
}

TEST(PlanHooks, RunOnceForAnEntryThatCopiesAfterAllItsCopies) {
  const Config config = ReadTestConfig(kHooks);
  const auto hooks = PlanHooks(config, {}, {CopyOf("r.io/m:3.2", 0), CopyOf("r.io/m:3.1", 0)});
  ASSERT_THAT(Addresses(hooks), ElementsAre("hook post_sync r.io/m"));
  const Action& hook = hooks[0];
  EXPECT_EQ(hook.stage, Stage::kSync);
  EXPECT_EQ(hook.operation, Operation::kRun);
  EXPECT_EQ(hook.rule.path, "sync.entries[0]");
  EXPECT_EQ(hook.reason, "runs after 2 actions");
  EXPECT_THAT(hook.remarks, ElementsAre("1 command", "runs after 2 actions"));
  EXPECT_THAT(hook.hook.triggers, ElementsAre("copy r.io/m:3.1", "copy r.io/m:3.2"));
  EXPECT_THAT(hook.needs, ElementsAre(Need{"copy r.io/m:3.1", "the hook runs over its result"},
                                      Need{"copy r.io/m:3.2", "the hook runs over its result"}));
  EXPECT_THAT(Commands(config, hook), ElementsAre("scan"));
}

TEST(PlanHooks, TellEntriesOfOneTargetApart) {
  const Config config = ReadTestConfig(kHooks);
  const auto hooks = PlanHooks(config, {}, {CopyOf("r.io/d:13", 2), CopyOf("r.io/d:12", 1)});
  ASSERT_THAT(Addresses(hooks), ElementsAre("hook post_sync r.io/d (sync.entries[1])",
                                            "hook post_sync r.io/d (sync.entries[2])"));
  EXPECT_THAT(hooks[0].hook.triggers, ElementsAre("copy r.io/d:12"));
  EXPECT_THAT(Commands(config, hooks[0]), ElementsAre("scan", "own"));
  EXPECT_THAT(Commands(config, hooks[1]), ElementsAre("scan"));
  EXPECT_THAT(hooks[0].remarks, ElementsAre("2 commands", "runs after 1 action"));
}

TEST(PlanHooks, RunForEachEntryThatSelectsTheTagAndThoseOfTheSectionOnce) {
  const Config config = ReadTestConfig(kHooks);
  Desired desired;
  DesiredTag& wanted = desired.mirrors[MakeRepository("r.io/d")]["13"];
  wanted.entry = 2;
  wanted.entries = {1, 2};
  const Action copy = CopyOf("r.io/d:13", 2);
  const auto hooks = PlanHooks(config, desired, {copy});
  ASSERT_THAT(Addresses(hooks), ElementsAre("hook post_sync r.io/d (sync.entries[1])",
                                            "hook post_sync r.io/d (sync.entries[2])"));
  EXPECT_THAT(hooks[0].hook.triggers, ElementsAre("copy r.io/d:13"));
  EXPECT_THAT(hooks[0].remarks, ElementsAre("1 command", "runs after 1 action"));
  const std::vector<Hook> own = HooksOf(config, hooks[0], copy);
  ASSERT_EQ(own.size(), 1U);
  EXPECT_EQ(own[0].cmd, "own");
  EXPECT_THAT(Commands(config, hooks[1]), ElementsAre("scan"));
}

TEST(PlanHooks, RunForBuiltImagesThatHaveAny) {
  Config config = ReadTestConfig(kHooks);
  const std::vector<Action> builds = {BuildOf("r.io/bases/plain:3", 0),
                                      BuildOf("r.io/bases/app:12", 1)};
  auto hooks = PlanHooks(config, {}, builds);
  ASSERT_THAT(Addresses(hooks), ElementsAre("hook post_image_build app"));
  EXPECT_EQ(hooks[0].stage, Stage::kBuild);
  EXPECT_EQ(hooks[0].rule.path, "build.images[1]");
  EXPECT_THAT(hooks[0].hook.triggers, ElementsAre("build r.io/bases/app:12"));
  EXPECT_THAT(Commands(config, hooks[0]), ElementsAre("try"));

  config.build->post_image_build = {{.cmd = "all"}};
  hooks = PlanHooks(config, {}, builds);
  ASSERT_THAT(Addresses(hooks),
              ElementsAre("hook post_image_build plain", "hook post_image_build app"));
  EXPECT_THAT(Commands(config, hooks[0]), ElementsAre("all"));
  EXPECT_THAT(Commands(config, hooks[1]), ElementsAre("all", "try"));
}

TEST(PlanHooks, RunAfterCopiesAndBuildsOnly) {
  const Config config = ReadTestConfig(kHooks);
  EXPECT_THAT(PlanHooks(config, {}, {}), IsEmpty());
  EXPECT_THAT(PlanHooks(config, {},
                        {MakeDelete("r.io/m:1"), MakeCommit(Stage::kEol, "eol.yaml"),
                         MakeArchive("r.io/m:1", "archive.io/m:1")}),
              IsEmpty());
}

}  // namespace
}  // namespace imglife
