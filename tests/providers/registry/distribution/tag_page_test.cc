#include "providers/registry/distribution/tag_page.h"

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include <fmt/format.h>

namespace imglife {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::size_t kMany = 100;

TEST(TagPageTest, HasTheTagsInTheirOrder) {
  const auto page =
      ReadTagPage(R"({"name":"app","tags":["b","a","b"],"more":["c",{"tags":["d"]}]})", kMany);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_THAT(page->tags, ElementsAre("b", "a", "b"));
  EXPECT_EQ(page->invalid, 0u);
}

TEST(TagPageTest, CountsEachItemThatIsNoTagOnce) {
  const auto page = ReadTagPage(
      R"({"tags":["ok",["x","y"],{"tags":["z"],"a":1},null,true,-3,4,1.5,"../x",[[["w"]]],"last"]})",
      kMany);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_THAT(page->tags, ElementsAre("ok", "last"));
  EXPECT_EQ(page->invalid, 9u);
}

TEST(TagPageTest, NullIsEmpty) {
  const auto page = ReadTagPage(R"({"tags":null})", kMany);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_THAT(page->tags, IsEmpty());
}

TEST(TagPageTest, TheLastOfSeveralListsCounts) {
  const auto page = ReadTagPage(R"({"tags":["a",1],"tags":["b"]})", kMany);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_THAT(page->tags, ElementsAre("b"));
  EXPECT_EQ(page->invalid, 0u);
  EXPECT_FALSE(ReadTagPage(R"({"tags":["a"],"tags":"b"})", kMany).ok());
}

TEST(TagPageTest, AnythingElseIsNoList) {
  for (const char* other :
       {"", "{", "null", "\"tags\"", "[]", R"(["tags"])", R"([{"tags":["a"]}])", "{}",
        R"({"name":"x"})", R"({"tags":"a"})", R"({"tags":{"tags":["a"]}})", R"({"tags":true})",
        R"({"list":{"tags":["a"]}})", R"({"tags":["a"]} x)", R"({"tags":["a")",
        R"({"tags":["a",1e999]})"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ReadTagPage(other, kMany).status())) << other;
  }
}

TEST(TagPageTest, EndsAtTheFirstItemOverTheMost) {
  EXPECT_TRUE(ReadTagPage(R"({"tags":["a",[]]})", 2).ok());
  EXPECT_TRUE(ReadTagPage(R"({"tags":["a",[]],"tags":["b",{}]})", 2).ok());
  for (const char* item : {"[]", "{}", "1", "null", "\"c\"", "\"/\""}) {
    // That the document ends there is no longer seen.
    const std::string document = fmt::format(R"({{"tags":["a",[],{})", item);
    EXPECT_TRUE(absl::IsResourceExhausted(ReadTagPage(document, 2).status())) << item;
  }
}

}  // namespace
}  // namespace imglife
