// Which repositories a configuration puts something into.
#include "engine/observe/managed_repositories.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/engine/observe/config_maker.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string kSync = SyncText({"source: alpine, target: r.test/mirrors/alpine, tag: 3",
                                    "source: debian, target: r.test/mirrors/debian, tag: 13",
                                    "source: debian, target: r.test/mirrors/debian, tag: 12"});
const std::string kBuild =
    BuildText({"name: app, folder: f, type: core, mirror_image: ghcr.io/o/base, mirror_tag: 7",
               "name: lib, folder: f, type: core, mirror_image: r.test/mirrors/other"});

const Repository kAlpine = MakeRepository("r.test/mirrors/alpine");
const Repository kDebian = MakeRepository("r.test/mirrors/debian");
const Repository kApp = MakeRepository("r.test/bases/app");
const Repository kLib = MakeRepository("r.test/bases/lib");

TEST(ManagedRepositories, AreTargetsAndWhatImagesArePushedToEachOnce) {
  const Config config = MakeConfig(kSync + kBuild);
  EXPECT_THAT(BuiltRepositories(config), ElementsAre(kApp, kLib));
  EXPECT_THAT(TargetRepositories(config), ElementsAre(kApp, kLib, kAlpine, kDebian));
}

TEST(ManagedRepositories, AreNoneOfSectionsThatAreNotThere) {
  EXPECT_THAT(TargetRepositories(MakeConfig(kSync)), ElementsAre(kAlpine, kDebian));
  EXPECT_THAT(BuiltRepositories(MakeConfig(kSync)), IsEmpty());
  EXPECT_THAT(TargetRepositories(MakeConfig(kBuild)), ElementsAre(kApp, kLib));
}

// Nothing is put into the mirror on which lib stands: its tag can't be told.
TEST(CleanupScope, LeavesOutWhatCannotBeResolved) {
  const Config config = MakeConfig(kSync + kBuild);
  const Desired desired = ComputeDesired(config, {});
  ASSERT_EQ(desired.unresolved.count(1), 1U);
  EXPECT_THAT(CleanupScope(config, desired), ElementsAre(kApp, kAlpine, kDebian));
}

}  // namespace
}  // namespace imglife
