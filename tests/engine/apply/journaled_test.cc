// No change without its intent.
#include "engine/apply/journaled.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/engine/plan/plan_maker.h"

namespace imglife {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Writes into the list of what happened.
class ListJournal : public Journal {
 public:
  absl::Status Intent(const Action& action, const std::string& before,
                      const std::vector<ManifestBytes>& manifests) override {
    happened.push_back("intent " + action.target + " " + before + " " +
                       std::to_string(manifests.size()));
    return intent;
  }
  absl::Status Done(const Action&, const std::string& now) override {
    happened.push_back("done " + now);
    return end;
  }
  absl::Status Failed(const Action&, const std::string& message) override {
    happened.push_back("failed " + message);
    return end;
  }

  absl::Status intent;
  absl::Status end;
  std::vector<std::string> happened;
};

class JournaledTest : public ::testing::Test {
 protected:
  ActionResult Change(const absl::StatusOr<std::string>& outcome) {
    ExecutionContext context;
    context.journal = &journal_;
    return Journaled(MakeCopy("r.test/app:1"), context, "before", {ManifestBytes{}}, [&] {
      journal_.happened.push_back("change");
      return outcome;
    });
  }

  ListJournal journal_;
};

TEST_F(JournaledTest, TheIntentComesBeforeAndTheEndAfter) {
  const ActionResult result = Change("sha256:now");
  EXPECT_EQ(result.state, ResultState::kOk);
  EXPECT_EQ(result.now, "sha256:now");
  EXPECT_THAT(journal_.happened,
              ElementsAre("intent r.test/app:1 before 1", "change", "done sha256:now"));
}

TEST_F(JournaledTest, WithoutItsIntentNothingIsChanged) {
  journal_.intent = absl::UnavailableError("no space left");
  const ActionResult result = Change("sha256:now");
  EXPECT_EQ(result.state, ResultState::kFailed);
  EXPECT_THAT(result.message, AllOf(HasSubstr("nothing was changed"), HasSubstr("no space left")));
  EXPECT_THAT(journal_.happened, ElementsAre("intent r.test/app:1 before 1"));
}

TEST_F(JournaledTest, AFailureIsNoted) {
  const ActionResult result = Change(absl::UnavailableError("503"));
  EXPECT_EQ(result.state, ResultState::kFailed);
  EXPECT_THAT(result.message, HasSubstr("503"));
  EXPECT_THAT(journal_.happened,
              ElementsAre("intent r.test/app:1 before 1", "change", "failed 503"));
}

TEST_F(JournaledTest, AnEndThatCannotBeNotedIsAFailureThatSaysWhatIsSo) {
  journal_.end = absl::UnavailableError("no space left");
  const ActionResult made = Change("sha256:now");
  EXPECT_EQ(made.state, ResultState::kFailed);
  EXPECT_THAT(made.message, AllOf(HasSubstr("the change was made"), HasSubstr("no space left")));
  EXPECT_THAT(Change(absl::UnavailableError("503")).message, HasSubstr("503"));
}

}  // namespace
}  // namespace imglife
