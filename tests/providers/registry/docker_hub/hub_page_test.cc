#include "providers/registry/docker_hub/hub_page.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace imglife {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Key;

const std::string kDigest = "sha256:" + std::string(64, 'a');
const std::string kChild = "sha256:" + std::string(64, 'c');

absl::Time At(const std::string& text) {
  absl::Time time;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) << text;
  return time;
}

// A page with one tag whose members are `members`.
TagDetails Only(const std::string& members) {
  const auto page = ParseHubPage(R"({"results":[{"name":"t",)" + members + "}]}");
  EXPECT_TRUE(page.ok()) << page.status() << members;
  return page.ok() ? page->tags.at("t") : TagDetails();
}

TEST(ParseHubPage, ReadsAPageAsDockerHubWritesIt) {
  const auto page = ParseHubPage(
      R"({"count":217,"next":"https://hub.docker.com/v2/namespaces/library/repositories/alpine/tags?page=2&page_size=100",
          "previous":null,"results":[
          {"creator":1156886,"id":171404,"images":[{"architecture":"amd64","digest":")" +
      kChild +
      R"(","os":"linux","size":3626530,"status":"active","last_pushed":"2026-07-15T11:11:04.1Z"}],
           "last_updated":"2026-07-15T11:13:02.123456Z","name":"latest","repository":24384,
           "full_size":3626530,"v2":true,"tag_status":"active","tag_last_pulled":"2026-08-01T00:00:00Z",
           "tag_last_pushed":"2026-07-15T11:12:02.123456Z","media_type":"application/vnd.oci.image.index.v1+json",
           "content_type":"image","digest":")" +
      kDigest + R"("}]})");
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->count, 217);
  EXPECT_THAT(page->next, testing::EndsWith("tags?page=2&page_size=100"));
  EXPECT_THAT(page->tags, ElementsAre(Key("latest")));
  EXPECT_EQ(page->tags.at("latest").pushed, At("2026-07-15T11:12:02.123456Z"));
  EXPECT_EQ(page->tags.at("latest").digest.str(), kDigest);
}

TEST(ParseHubPage, TakesEveryFormOfDate) {
  EXPECT_EQ(Only(R"("tag_last_pushed":"2026-07-15T11:12:02Z")").pushed, At("2026-07-15T11:12:02Z"));
  EXPECT_EQ(
      Only(R"("tag_last_pushed":null,"last_updated":"2021-01-05T21:06:53.5064+00:00")").pushed,
      At("2021-01-05T21:06:53.5064Z"));
  EXPECT_EQ(Only(R"("last_updated":"2021-01-05T21:06:53Z")").pushed, At("2021-01-05T21:06:53Z"));
  for (const char* none :
       {R"("x":1)", R"("tag_last_pushed":"0001-01-01T00:00:00Z")",
        R"("tag_last_pushed":1626347522)", R"("tag_last_pushed":"yesterday","last_updated":"")",
        R"("tag_last_pushed":"1970-01-01T00:00:00Z")"}) {
    EXPECT_EQ(Only(none).pushed, std::nullopt) << none;
  }
}

TEST(ParseHubPage, ADigestIsTheTagsOwnOrNone) {
  const std::string of_images = R"("images":[{"digest":")" + kChild + R"("}])";
  EXPECT_TRUE(Only(of_images).digest.empty()) << "that of a platform";
  EXPECT_TRUE(Only(R"("images":[])").digest.empty());
  EXPECT_TRUE(Only(R"("images":null,"digest":null)").digest.empty());
  EXPECT_TRUE(Only(R"("digest":"sha256:short")").digest.empty());
  EXPECT_EQ(Only(R"("images":[],"digest":")" + kDigest + "\"").digest.str(), kDigest);
}

TEST(ParseHubPage, NamesThatAreNoTagsAreLeftOut) {
  const auto page = ParseHubPage(
      R"({"count":5,"next":null,"results":[{"name":"ok"},{"name":"../x"},{"name":""},{"name":3},{}]})");
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_THAT(page->tags, ElementsAre(Key("ok")));
  EXPECT_EQ(page->next, "");
}

TEST(ParseHubPage, APageMayBeEmptyOrSayNoCount) {
  for (const char* text : {R"({"count":0,"next":null,"results":[]})", R"({"results":[]})",
                           R"({"count":-1,"results":[]})", R"({"count":"7","results":[]})"}) {
    const auto page = ParseHubPage(text);
    ASSERT_TRUE(page.ok()) << text;
    EXPECT_THAT(page->tags, IsEmpty());
    EXPECT_EQ(page->count.value_or(0), 0) << text;
  }
}

TEST(ParseHubPage, OtherThingsAreNoPage) {
  for (const std::string& text :
       {std::string("<html>"), std::string(), std::string("[]"), std::string("{}"),
        std::string(R"({"results":null})"), std::string(R"({"results":["latest"]})"),
        R"({"results":)" + std::string(100000, '[')}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseHubPage(text).status())) << text.substr(0, 40);
  }
}

TEST(MergeHubTags, TheLaterPushCountsInAnyOrder) {
  const TagDetails older{At("2026-01-01T00:00:00Z"), Digest()};
  const TagDetails newer{At("2026-01-02T00:00:00Z"), *Digest::Parse(kDigest)};
  for (const auto& [first, second] : {std::pair(older, newer), std::pair(newer, older)}) {
    DetailsByTag tags = {{"t", first}};
    MergeHubTags({{"t", second}, {"u", older}}, tags);
    EXPECT_EQ(tags.at("t").pushed, newer.pushed);
    EXPECT_EQ(tags.at("t").digest.str(), kDigest);
    EXPECT_EQ(tags.at("u").pushed, older.pushed);
  }
}

}  // namespace
}  // namespace imglife
