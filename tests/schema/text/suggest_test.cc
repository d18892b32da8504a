#include "schema/text/suggest.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace imglife {
namespace {

const std::vector<std::string> kKeys = {"tag", "tag_regex", "keep_last", "source", "url"};

TEST(NearestWord, FindsWhatWasMeant) {
  EXPECT_EQ(NearestWord("tag_regexp", kKeys), "tag_regex");
  EXPECT_EQ(NearestWord("tagregex", kKeys), "tag_regex");
  EXPECT_EQ(NearestWord("keep_lsat", kKeys), "keep_last");
  EXPECT_EQ(NearestWord("tga", kKeys), "tag");
  EXPECT_EQ(NearestWord("SOURCE", kKeys), "source");
  EXPECT_EQ(NearestWord("tag", kKeys), "tag");
}

TEST(NearestWord, IsSilentWhenNothingIsNear) {
  EXPECT_EQ(NearestWord("platforms", kKeys), std::nullopt);
  EXPECT_EQ(NearestWord("", kKeys), std::nullopt);
  EXPECT_EQ(NearestWord("ul", kKeys), std::nullopt);
  EXPECT_EQ(NearestWord("tag_regex", {}), std::nullopt);
  EXPECT_EQ(NearestWord(std::string(1000000, 'a'), kKeys), std::nullopt);
}

TEST(NearestWord, AllowsAThirdOfTheLength) {
  EXPECT_EQ(NearestWord("abcxyf", {"abcdef"}), "abcdef");
  EXPECT_EQ(NearestWord("abxyzf", {"abcdef"}), std::nullopt);
}

TEST(NearestWord, BreaksTiesByBytes) {
  EXPECT_EQ(NearestWord("cat", {"car", "bat", "hat"}), "bat");
  EXPECT_EQ(NearestWord("cat", {"hat", "cut"}), "cut");
}

TEST(NearestWords, AreSortedAndBounded) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(NearestWords("cat", {"dog", "hat", "bat", "cart", "cat"}, 3),
            (Words{"cat", "bat", "cart"}));
  EXPECT_EQ(NearestWords("CAT", {"zebra", "cut"}, 5), (Words{"cut", "zebra"}));
  EXPECT_EQ(NearestWords("cat", {}, 5), Words{});
}

}  // namespace
}  // namespace imglife
