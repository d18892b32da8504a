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

const Repository kAlpineMirror = MakeRepository("r.test/mirrors/alpine");
const Repository kDebianMirror = MakeRepository("r.test/mirrors/debian");

TEST(ManagedRepositories, AreTargetsAndWhatImagesArePushedToEachOnce) {
  const Config config = MakeConfig(kSync + kBuild);
  EXPECT_THAT(BuiltRepositories(config), ElementsAre(kApp, kLib));
  EXPECT_THAT(TargetRepositories(config), ElementsAre(kApp, kLib, kAlpineMirror, kDebianMirror));
}

TEST(ManagedRepositories, AreNoneOfSectionsThatAreNotThere) {
  EXPECT_THAT(TargetRepositories(MakeConfig(kSync)), ElementsAre(kAlpineMirror, kDebianMirror));
  EXPECT_THAT(BuiltRepositories(MakeConfig(kSync)), IsEmpty());
  EXPECT_THAT(TargetRepositories(MakeConfig(kBuild)), ElementsAre(kApp, kLib));
}

// Nothing is put into the mirror on which lib stands: its tag can't be told.
TEST(CleanupScope, LeavesOutWhatCannotBeResolved) {
  const Config config = MakeConfig(kSync + kBuild);
  const Desired desired = ComputeDesired(config, {});
  ASSERT_EQ(desired.unresolved.count(1), 1U);
  EXPECT_THAT(CleanupScope(config, desired), ElementsAre(kApp, kAlpineMirror, kDebianMirror));
}

}  // namespace
}  // namespace imglife
