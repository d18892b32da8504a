#include "engine/observe/likely_aliases.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/engine/observe/config_maker.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Those of the tags that are likely to be other names of others.
std::vector<std::string> Aliases(const std::vector<std::string>& tags) {
  std::vector<ImageQuestion> questions;
  for (const std::string& tag : tags) questions.push_back({kApp, tag});
  const std::vector<bool> likely = LikelyAliases(questions);
  std::vector<std::string> aliases;
  for (std::size_t i = 0; i < tags.size(); ++i) {
    if (likely[i]) aliases.push_back(tags[i]);
  }
  return aliases;
}

TEST(LikelyAliases, AreWhatOthersContinue) {
  EXPECT_THAT(Aliases({"3", "3.24.1", "3.24", "3.23"}), ElementsAre("3", "3.24"));
  EXPECT_THAT(Aliases({"3.24-slim", "3.24.1"}), IsEmpty());
  EXPECT_THAT(Aliases({"3.24.1", "3.24.1"}), IsEmpty());
}

TEST(LikelyAliases, AreLatestBesideOthers) {
  EXPECT_THAT(Aliases({"latest", "3.24.1"}), ElementsAre("latest"));
  EXPECT_THAT(Aliases({"latest"}), IsEmpty());
  EXPECT_THAT(Aliases({"latest", "latest"}), IsEmpty());
}

// Branches and the like would cost a request each for nothing.
TEST(LikelyAliases, AreNoOtherWords) {
  EXPECT_THAT(Aliases({"main", "feature-a", "feature-b", "3.24.1"}), IsEmpty());
}

TEST(LikelyAliases, DependOnTheRepositoryAlone) {
  const Repository other = MakeRepository("r.test/other");
  EXPECT_THAT(LikelyAliases({{kApp, "3.24"}, {other, "3.24.1"}, {other, "latest"}}),
              ElementsAre(false, false, true));
}

TEST(LikelyAliases, AreTheSameForConfigsOrNot) {
  EXPECT_THAT(LikelyAliases({{kApp, "3.24", false}, {kApp, "3.24", true}, {kApp, "3.24.1", true}}),
              ElementsAre(true, true, false));
}

TEST(LikelyAliases, OfNothingAreNone) {
  EXPECT_THAT(LikelyAliases({}), IsEmpty());
}

}  // namespace
}  // namespace imglife
