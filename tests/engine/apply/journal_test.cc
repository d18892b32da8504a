#include "engine/apply/journal.h"

#include <filesystem>
#include <optional>
#include <thread>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

#include "providers/files.h"
#include "tests/engine/apply/stopped_clock.h"
#include "tests/engine/plan/plan_maker.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Json = nlohmann::ordered_json;

class JournalTest : public ::testing::Test {
 protected:
  std::string Text() const { return ReadFile(path_).value_or("no journal"); }
  std::vector<Json> Lines() const {
    std::vector<Json> lines;
    for (const auto& line : absl::StrSplit(Text(), '\n', absl::SkipEmpty())) {
      lines.push_back(Json::parse(line));
    }
    return lines;
  }

  const absl::StatusOr<TemporaryDirectory> directory_ = TemporaryDirectory::Create("journal");
  const std::string path_ = directory_->path() + "/.imglife/journal.ndjson";
  StoppedClock clock_{absl::FromUnixMillis(1'780'000'000'007)};
  const std::unique_ptr<Journal> journal_ = MakeFileJournal(path_, clock_);
  const Action copy_ = MakeCopy("r.test/app:1");
};

TEST_F(JournalTest, AnIntentIsOneLineOnDiskWhenItReturns) {
  const std::string content = R"({"schemaVersion":2})";
  const ManifestBytes manifest{
      .media_type = "application/x", .content = content, .digest = Digest::OfBytes(content)};
  ASSERT_TRUE(journal_->Intent(copy_, DigestText("aa"), {manifest}).ok());
  EXPECT_EQ(Text(),
            R"({"event":"intent","time":"2026-05-28T20:26:40.007Z",)"
            R"("address":"copy r.test/app:1","before":")" +
                DigestText("aa") + R"(","after":")" + DigestText("50") +
                R"(","manifests":[{"digest":")" + manifest.digest.str() +
                R"(","mediaType":"application/x","content":"eyJzY2hlbWFWZXJzaW9uIjoyfQ=="}]})"
                "\n");
}

TEST_F(JournalTest, AnIntentThatTakesNothingAwayHasNoManifests) {
  ASSERT_TRUE(journal_->Intent(copy_, std::string(kAbsent), {}).ok());
  EXPECT_EQ(Lines().at(0)["before"], "absent");
  EXPECT_EQ(Lines().at(0)["manifests"], Json::array());
}

TEST_F(JournalTest, TheEndOfAChangeIsALineToo) {
  ASSERT_TRUE(journal_->Done(copy_, DigestText("50")).ok());
  ASSERT_TRUE(journal_->Failed(copy_, "the registry said 503").ok());
  EXPECT_EQ(Text(),
            R"({"event":"done","time":"2026-05-28T20:26:40.007Z","address":"copy r.test/app:1",)"
            R"("after":")" +
                DigestText("50") + "\"}\n" +
                R"({"event":"failed","time":"2026-05-28T20:26:40.007Z",)"
                R"("address":"copy r.test/app:1","message":"the registry said 503"})"
                "\n");
}

TEST_F(JournalTest, LinesAreAddedToWhatEarlierRunsWrote) {
  ASSERT_TRUE(journal_->Done(copy_, "1").ok());
  ASSERT_TRUE(MakeFileJournal(path_, clock_)->Done(copy_, "2").ok());
  ASSERT_EQ(Lines().size(), 2u);
  EXPECT_EQ(Lines()[0]["after"], "1");
  EXPECT_EQ(Lines()[1]["after"], "2");
}

TEST_F(JournalTest, AnIntentAfterALineThatWasCutShortIsWhole) {
  ASSERT_TRUE(journal_->Done(copy_, "1").ok());
  std::filesystem::resize_file(path_, Text().size() - 9);
  const std::string content = "{}";
  ASSERT_TRUE(journal_->Intent(copy_, "", {{"", content, Digest::OfBytes(content)}}).ok());
  const std::vector<std::string> lines = absl::StrSplit(Text(), '\n', absl::SkipEmpty());
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_FALSE(Json::accept(lines[0]));
  EXPECT_EQ(Json::parse(lines[1])["manifests"][0]["digest"], Digest::OfBytes(content).str());
}

TEST_F(JournalTest, WhateverAMessageHoldsItIsOneLine) {
  for (const char* message : {"a\nb\r\n", "\"}\n{\"event\":\"done\"", "back\\slash", "\x1b[31m",
                              "tab\t\x01", "é日 \xe2\x80\xa8", ""}) {
    ASSERT_TRUE(journal_->Failed(copy_, message).ok());
    EXPECT_EQ(Lines().back()["message"], message);
  }
  EXPECT_EQ(Lines().size(), 7u);
  EXPECT_EQ(Text().find('\x1b'), std::string::npos);
  EXPECT_THAT(Text(), HasSubstr("é日"));
}

TEST_F(JournalTest, BytesThatAreNoTextAreReplacedInMessagesAndKeptInManifests) {
  const std::string bytes("\xff\xfe\0 {", 5);
  ASSERT_TRUE(journal_->Failed(copy_, "said \xff\xfe").ok());
  ASSERT_TRUE(journal_->Intent(copy_, "", {{"", bytes, Digest::OfBytes(bytes)}}).ok());
  EXPECT_EQ(Lines().at(0)["message"], "said \xEF\xBF\xBD\xEF\xBF\xBD");
  std::string kept;
  ASSERT_TRUE(
      absl::Base64Unescape(Lines().at(1)["manifests"][0]["content"].get<std::string>(), &kept));
  EXPECT_EQ(kept, bytes);
}

TEST_F(JournalTest, LinesOfManyThreadsDoNotMix) {
  constexpr std::size_t kThreads = 8;
  constexpr std::size_t kEach = 5;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([this] {
      for (std::size_t n = 0; n < kEach; ++n) {
        EXPECT_TRUE(journal_->Failed(copy_, std::string(10'000, 'x')).ok());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Lines().size(), kThreads * kEach);
}

TEST_F(JournalTest, WhatCannotBeWrittenIsAnErrorThatNamesTheFile) {
  const auto journal = MakeFileJournal(directory_->path(), clock_);
  for (const absl::Status& status :
       {journal->Intent(copy_, "", {}), journal->Done(copy_, ""), journal->Failed(copy_, "")}) {
    EXPECT_THAT(std::string(status.message()), HasSubstr(directory_->path()));
  }
}

}  // namespace
}  // namespace imglife
