#include "engine/apply/last_written.h"

#include <filesystem>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/apply/journal.h"
#include "providers/files.h"
#include "tests/engine/apply/stopped_clock.h"
#include "tests/engine/plan/plan_maker.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class LastWrittenTest : public ::testing::Test {
 protected:
  void Write(const Action& action, const std::string& digest_start) {
    ASSERT_TRUE(journal_->Intent(action, std::string(kAbsent), {}).ok());
    ASSERT_TRUE(journal_->Done(action, DigestText(digest_start)).ok());
  }

  std::map<std::string, Digest> Read() const { return ReadLastWritten(path_).value(); }

  const absl::StatusOr<TemporaryDirectory> directory_ = TemporaryDirectory::Create("journal");
  const std::string path_ = directory_->path() + "/.imglife/journal.ndjson";
  StoppedClock clock_;
  const std::unique_ptr<Journal> journal_ = MakeFileJournal(path_, clock_);
  const Action one_ = MakeCopy("r.test/app:1");
  const Action two_ = MakeCopy("r.test/app:2");
};

TEST_F(LastWrittenTest, IsTheLastChangeOfEachTag) {
  Write(one_, "a1");
  Write(two_, "b2");
  Write(one_, "c3");
  EXPECT_THAT(Read(), ElementsAre(Pair("r.test/app:1", MakeDigest("c3")),
                                  Pair("r.test/app:2", MakeDigest("b2"))));
}

TEST_F(LastWrittenTest, IsNotKnownOfWhatWasNotDone) {
  for (const bool failed : {true, false}) {
    Write(one_, "a1");
    ASSERT_TRUE(journal_->Intent(one_, DigestText("a1"), {}).ok());
    if (failed) {
      ASSERT_TRUE(journal_->Failed(one_, "no answer").ok());
    }
    EXPECT_THAT(Read(), IsEmpty()) << failed;
  }
}

TEST_F(LastWrittenTest, IsNothingOfATagThatWasDeleted) {
  Write(one_, "a1");
  Action removal = one_;
  removal.kind = ActionKind::kDelete;
  ASSERT_TRUE(journal_->Intent(removal, DigestText("a1"), {}).ok());
  ASSERT_TRUE(journal_->Done(removal, std::string(kAbsent)).ok());
  EXPECT_THAT(Read(), IsEmpty());
}

TEST_F(LastWrittenTest, LinesThatAreNoEventsSayNothing) {
  Write(one_, "a1");
  for (const char* line : {R"({"event":"done","addr)", "", "[]", "7", R"({"event":3})"}) {
    ASSERT_TRUE(AppendDurably(path_, std::string(line) + "\n").ok());
  }
  EXPECT_THAT(Read(), ElementsAre(Pair("r.test/app:1", MakeDigest("a1"))));
}

TEST_F(LastWrittenTest, ALineThatWasCutShortSwallowsNoOther) {
  Write(one_, "a1");
  Write(two_, "b2");
  std::filesystem::resize_file(path_, std::filesystem::file_size(path_) - 9);
  ASSERT_TRUE(journal_->Intent(one_, DigestText("a1"), {}).ok());
  EXPECT_THAT(Read(), IsEmpty());
}

TEST_F(LastWrittenTest, NoJournalIsNothingAndAnUnreadableOneAnError) {
  EXPECT_THAT(Read(), IsEmpty());
  std::filesystem::create_directories(path_);
  EXPECT_FALSE(ReadLastWritten(path_).ok());
}

}  // namespace
}  // namespace imglife
