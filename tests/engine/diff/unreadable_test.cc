#include "engine/diff/unreadable.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;

Problem NothingDeleted(const std::string& repository, const std::string& cause) {
  return {"nothing is deleted in " + repository, cause,
          Effects{{Effect::kNothingDeleted, repository}}};
}

TEST(Unreadable, SpeaksOfNoDeletionsThatFollowFromWhatItTells) {
  StageDiff cleanup;
  cleanup.errors = {
      {"r.io/a could not be read, so nothing is deleted there", "r.io is down",
       Effects{{Effect::kRepositoryUnread, "r.io/a"}, {Effect::kNothingDeleted, "r.io/a"}}},
      {"r.io/b could not be read, so nothing is deleted there", "r.io is down",
       Effects{{Effect::kRepositoryUnread, "r.io/b"}, {Effect::kNothingDeleted, "r.io/b"}}},
      NothingDeleted("r.io/c", "what r.io/a was built on isn't known: r.io is down")};
  EXPECT_THAT(Unreadable({}, cleanup),
              ElementsAre("2 repositories could not be read (r.io/a, r.io/b): r.io is down"));
}

TEST(Unreadable, SaysOnceWhyDeletionsCannotBeTold) {
  StageDiff cleanup;
  cleanup.errors = {NothingDeleted("r.io/a", "the template is broken"),
                    NothingDeleted("r.io/b", "the template is broken")};
  EXPECT_THAT(Unreadable({}, cleanup),
              ElementsAre("what is due for deletion can't be told: the template is broken"));
}

}  // namespace
}  // namespace imglife
