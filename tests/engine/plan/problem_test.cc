#include "engine/plan/problem.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Problem Unread(const std::string& repository, const std::string& cause) {
  return {repository + " could not be read", cause, {{Effect::kRepositoryUnread, repository}}};
}

Problem NothingDeleted(const std::string& repository, const std::string& cause) {
  return {"nothing is deleted in " + repository, cause, {{Effect::kNothingDeleted, repository}}};
}

TEST(TellProblems, TellsEachCauseOfOneProblemAsItIs) {
  EXPECT_THAT(TellProblems({}).lines, IsEmpty());
  EXPECT_THAT(TellProblems({std::string("z is wrong"), Unread("r.io/a", "no answer")}).lines,
              ElementsAre("r.io/a could not be read: no answer", "z is wrong"));
}

TEST(TellProblems, TellsOneCauseOnceAndCountsWhatItAffects) {
  const ToldProblems told = TellProblems({
      NothingDeleted("r.io/c", "401"),
      Unread("r.io/c", "401"),
      Unread("r.io/b", "401"),
      Unread("r.io/a", "401"),
      Unread("r.io/d", "401"),
      // Told by two parts of the plan.
      Unread("r.io/a", "401"),
      NothingDeleted("r.io/x", "no answer"),
      {"imglife.yaml:9:7: build.images[0]",
       "401",
       {{Effect::kImageUnplanned, "imglife.yaml:9:7: build.images[0]"}}},
  });
  const std::string line =
      "4 repositories could not be read (r.io/a, r.io/b, r.io/c, …), imglife.yaml:9:7: "
      "build.images[0] can't be planned, nothing is deleted in r.io/c: 401";
  EXPECT_THAT(told.lines, ElementsAre(line, "nothing is deleted in r.io/x: no answer"));
  EXPECT_EQ(told.line_of.at("imglife.yaml:9:7: build.images[0]: 401"), line);
  EXPECT_EQ(told.line_of.at("r.io/d could not be read: 401"), line);
}

TEST(TellProblems, TakesWhatFollowsFromASentenceToIt) {
  const Problem gone("r.io/a:1 is listed but can't be found");
  EXPECT_THAT(TellProblems({gone, NothingDeleted("r.io/b", gone.cause)}).lines,
              ElementsAre("nothing is deleted in r.io/b: r.io/a:1 is listed but can't be found"));
}

}  // namespace
}  // namespace imglife
