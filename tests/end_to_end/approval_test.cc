// What a person at a terminal is asked, and what counts as a yes.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/mirror_fixture.h"

namespace imglife {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// To do: a copy, a deletion, and two deletions that a guard blocks.
class ApprovalTest : public MirrorTest {
 protected:
  void SetUp() override {
    Push(upstream_, "library/alpine", "3.24.1");
    PushOld("3.1");
    Push(private_, "other", "1", Push(upstream_, "library/other", "1"));
    for (const char* tag : {"0", "00"}) {
      Push(private_, "other", tag, Image(std::string("old ") + tag, "2024-01-01"));
    }
    Configure(R"(sync:
  entries:
    - {source: $UPSTREAM/library/alpine, tag_regex: '^3', target: $PRIVATE/mirrors/alpine}
    - {source: $UPSTREAM/library/other, tag: '1', target: $PRIVATE/other}
retention: {keep_last: 0, guard: {max_deletes: 1}}
)");
    ForgetRequests();
  }

  ImglifeRun Answer(const std::string& typed) const {
    return RunOnTerminal(directory_.path(), {"apply"}, environment_, typed);
  }
};

constexpr char kNothingStarted[] =
    "Nothing was changed.\r\nApply stopped: 0 added, 0 changed, 0 destroyed; 0 already so, 0 "
    "failed, "
    "0 skipped, 2 blocked, 0 withheld, 2 cancelled, 0 interrupted in 0.0s.\r\n";

TEST_F(ApprovalTest, YesGoesOn) {
  const ImglifeRun run = Answer("yes\n");
  EXPECT_THAT(run, ExitsWith(3));
  EXPECT_THAT(run.out, AllOf(HasSubstr("Apply complete: 1 added, 0 changed, 1 destroyed; "),
                             HasSubstr(" 2 blocked, 0 withheld, 0 cancelled")));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.24.0", "3.24.1"));
}

TEST_F(ApprovalTest, NothingElseIsAYes) {
  const std::string end_of_input = "\x04";
  for (const std::string& typed :
       {std::string("y\n"), std::string("YES\n"), std::string(" yes\n"), std::string("yes \n"),
        std::string("\n"), std::string("no\n"), std::string("yes, all of it\n"), end_of_input,
        "yes" + end_of_input + end_of_input}) {
    const ImglifeRun run = Answer(typed);
    EXPECT_THAT(run, ExitsWith(0)) << testing::PrintToString(typed);
    EXPECT_THAT(run.out, HasSubstr(kNothingStarted)) << testing::PrintToString(typed);
  }
  EXPECT_THAT(NewWrites(private_), IsEmpty());
}

TEST_F(ApprovalTest, ASignalIsAnsweredWithTheCountsToo) {
  const ImglifeRun run = Answer("\x03");
  EXPECT_THAT(run, ExitsWith(130));
  EXPECT_THAT(run.out, HasSubstr(kNothingStarted));
  EXPECT_THAT(NewWrites(private_), IsEmpty());
}

// Nobody is asked whether to do what isn't done either way.
TEST_F(ApprovalTest, NothingIsAskedWhereAllIsBlocked) {
  ASSERT_THAT(Run({"apply", "--auto-approve"}), ExitsWith(3));
  const ImglifeRun run =
      RunScript(directory_.path(), "script -qec 'imglife apply' /dev/null", environment_);
  EXPECT_THAT(run, ExitsWith(3));
  EXPECT_THAT(run.out, AllOf(Not(HasSubstr("Do you want")), HasSubstr("2 blocked")));
}

}  // namespace
}  // namespace imglife
