#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/diff/diff.h"
#include "tests/engine/diff/scene.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ReportOrphansTest : public ::testing::Test {
 protected:
  std::vector<std::string> Warnings() const {
    const StageDiff diff = ReportOrphans(scene_.config, scene_.observed);
    EXPECT_THAT(diff.actions, IsEmpty());
    EXPECT_THAT(diff.errors, IsEmpty());
    return diff.warnings;
  }

  Scene scene_{"build: {core_version: '1', registry: r.io/bases}"};
};

TEST_F(ReportOrphansTest, NamesEachWithItsTags) {
  scene_.observed.orphans = {{MakeRepository("r.io/bases/a"), 1},
                             {MakeRepository("r.io/bases/b"), std::nullopt}};
  EXPECT_THAT(Warnings(),
              ElementsAre(HasSubstr("orphan: r.io/bases/a (1 tag) is below build.registry"),
                          HasSubstr("orphan: r.io/bases/b (its tags could not be read)")));
}

TEST_F(ReportOrphansTest, SaysThatTheyAreNotKnown) {
  scene_.observed.orphans_status = absl::UnavailableError("no answer");
  EXPECT_THAT(Warnings(), ElementsAre(HasSubstr("orphans are not known: no answer")));
}

TEST_F(ReportOrphansTest, IsSilentIfThereAreNone) {
  EXPECT_THAT(Warnings(), IsEmpty());
}

}  // namespace
}  // namespace imglife
