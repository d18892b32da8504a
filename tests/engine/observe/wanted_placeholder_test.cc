// A tag that a killed deletion left as a placeholder counts as absent: it is copied again.
#include "gmock/gmock.h"

#include "engine/diff/diff.h"
#include "tests/engine/observe/observe_fixture.h"
#include "tests/support/odd_images.h"

namespace imglife {
namespace {

using ::testing::IsEmpty;

using WantedPlaceholderTest = ObserveTest;

TEST_F(WantedPlaceholderTest, IsCopiedOverWhatIsThere) {
  const Repository source = MakeRepository("up.test/alpine");
  const Repository target = MakeRepository("r.test/alpine");
  const TestImage wanted = MakeImage({.name = "wanted"});
  const TestImage placeholder = MakePlaceholderImage("3.1");
  registry_.AddImage(source, "3.1", wanted);
  registry_.AddImage(target, "3.1", placeholder);
  const Config config = ConfigOf(R"(
sync: {entries: [{source: up.test/alpine, tag: '3.1', target: r.test/alpine}]}
retention: {keep_last: 1}
)");
  const Observation seen = Look(config, {Stage::kSync, Stage::kCleanup});
  EXPECT_EQ(seen.observed.DigestOf(source, "3.1"), wanted.manifest.digest);
  const StageDiff diff = DiffSync(config, seen.desired, seen.observed);
  EXPECT_THAT(diff.errors, IsEmpty());
  ASSERT_EQ(diff.actions.size(), 1U);
  EXPECT_EQ(diff.actions[0].Address(), "copy r.test/alpine:3.1");
  EXPECT_EQ(diff.actions[0].operation, Operation::kCreate);
  EXPECT_EQ(diff.actions[0].before, placeholder.manifest.digest.str());
  EXPECT_EQ(diff.actions[0].after, wanted.manifest.digest.str());
  EXPECT_THAT(DiffCleanup(config, seen.desired, seen.observed, absl::UnixEpoch()).actions,
              IsEmpty());
}

}  // namespace
}  // namespace imglife
