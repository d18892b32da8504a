#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/order/selection.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// "NAME: newest ... oldest", one for each group.
std::vector<std::string> Groups(const std::vector<std::string>& names, KeepLastPer per) {
  std::vector<ListedTag> tags;
  for (const std::string& name : names) tags.push_back({name, std::nullopt});
  std::vector<std::string> lines;
  for (const TagGroup& group : GroupTags(tags, per)) {
    std::string line = group.name + ":";
    for (const std::string& tag : group.newest_first) line += " " + tag;
    lines.push_back(line);
  }
  return lines;
}

TEST(GroupTags, AllIsOneGroupOfEveryKind) {
  EXPECT_THAT(Groups({"latest", "20260805", "3.1", "3.2"}, KeepLastPer::kAll),
              ElementsAre("all: 3.2 3.1 20260805 latest"));
  EXPECT_THAT(Groups({}, KeepLastPer::kAll), IsEmpty());
}

TEST(GroupTags, ByMajor) {
  EXPECT_THAT(Groups({"9.1", "10.2", "10", "9.0-slim", "latest", "20260805"}, KeepLastPer::kMajor),
              ElementsAre("9: 9.1 9.0-slim", "10: 10.2 10", "dates: 20260805", "others: latest"));
}

TEST(GroupTags, ByMinorWithFloatingTagsInTheNewestOne) {
  EXPECT_THAT(Groups({"26", "26.7", "26.7.0", "26.6.1", "26.6", "25"}, KeepLastPer::kMinor),
              ElementsAre("25: 25", "26.6: 26.6.1 26.6", "26.7: 26.7.0 26.7 26"));
}

TEST(GroupTags, NumbersAreNamedAsWritten) {
  EXPECT_THAT(Groups({"24.04", "v24.4.1", "18"}, KeepLastPer::kMinor),
              ElementsAre("18: 18", "24.4: v24.4.1 24.04"));
  EXPECT_THAT(Groups({"24.04", "22.04"}, KeepLastPer::kMinor),
              ElementsAre("22.04: 22.04", "24.04: 24.04"));
}

TEST(GroupTags, BySuffix) {
  EXPECT_THAT(Groups({"3.1", "3.2", "3.2-slim", "3.1-alpine3.21", "noble-20260805", "edge"},
                     KeepLastPer::kSuffix),
              ElementsAre("(plain): 3.2 3.1", "alpine3.21: 3.1-alpine3.21", "dates: noble-20260805",
                          "others: edge", "slim: 3.2-slim"));
}

TEST(GroupTags, ByMinorAndSuffix) {
  EXPECT_THAT(Groups({"3.1.1", "3.1.0", "3.2.0-slim", "3-slim", "3"}, KeepLastPer::kMinorSuffix),
              ElementsAre("3.1: 3.1.1 3.1.0 3", "3.2 slim: 3.2.0-slim 3-slim"));
}

TEST(GroupTags, TheTableOfTheDocumentation) {
  const std::vector<std::string> tags = {"3.21.0", "3.20.2",   "3.20.1", "3.20.2-slim",
                                         "3",      "20260805", "edge"};
  EXPECT_THAT(Groups(tags, KeepLastPer::kAll),
              ElementsAre("all: 3.21.0 3.20.2 3.20.2-slim 3.20.1 3 20260805 edge"));
  EXPECT_THAT(
      Groups(tags, KeepLastPer::kMajor),
      ElementsAre("3: 3.21.0 3.20.2 3.20.2-slim 3.20.1 3", "dates: 20260805", "others: edge"));
  EXPECT_THAT(Groups(tags, KeepLastPer::kMinor),
              ElementsAre("3.20: 3.20.2 3.20.2-slim 3.20.1", "3.21: 3.21.0 3", "dates: 20260805",
                          "others: edge"));
  EXPECT_THAT(Groups(tags, KeepLastPer::kMinorSuffix),
              ElementsAre("3.20: 3.20.2 3.20.1", "3.20 slim: 3.20.2-slim", "3.21: 3.21.0 3",
                          "dates: 20260805", "others: edge"));
}

TEST(GroupTags, ASuffixCalledLikeAKindIsAGroupOfItsOwn) {
  EXPECT_THAT(Groups({"3.1-dates", "20260805"}, KeepLastPer::kSuffix),
              ElementsAre("dates: 20260805", "dates: 3.1-dates"));
}

}  // namespace
}  // namespace imglife
