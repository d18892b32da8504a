#include "absl/status/status.h"
#include "gmock/gmock.h"
#include <fmt/format.h>

#include "providers/registry/distribution/next_page.h"
#include "tests/providers/registry/distribution/scripted_registry.h"

namespace imglife {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kList[] = "https://reg.example/v2/acme/app/tags/list";

HttpResponse TagsPage(const std::string& tags, const std::string& link = "") {
  HttpResponse page = Answer(200, {}, R"({"name":"acme/app","tags":)" + tags + "}");
  if (!link.empty()) page.headers.emplace("link", link);
  return page;
}

// "none", or why it can't be told.
std::string Next(const std::string& header) {
  const auto link = NextLink(header);
  return link.ok() ? link->value_or("none") : "error: " + std::string(link.status().message());
}

TEST(NextLinkTest, FindsTheNextOfSeveral) {
  EXPECT_EQ(Next(R"(</v2/a/tags/list?last=b&n=2>; rel="next")"), "/v2/a/tags/list?last=b&n=2");
  EXPECT_EQ(Next(R"(<p>; rel="prev", <n>; title="a, <b>; \"c"; REL=next)"), "n");
  EXPECT_EQ(Next(R"(<n>;rel = "last next")"), "n");
  EXPECT_EQ(Next("<n>; rel=\"last\tNEXT\""), "n");
  EXPECT_EQ(Next("<a>; rel=next; x=y"), "a");
  EXPECT_EQ(Next("<a>; x; y = \"\"; title*=UTF-8''%e2%82%ac; rel=next;"), "a");
  EXPECT_EQ(Next("<>; rel=next"), "");
  EXPECT_EQ(Next(", ,<a>; rel=next , <b>; rel=next,"), "a");
}

// GitLab and ECR give whole URLs, Quay, Harbor and distribution paths.
TEST(NextLinkTest, FindsWhatRegistriesSend) {
  for (const char* target :
       {"https://registry.gitlab.com/v2/a/b/tags/list?last=1.0&n=100",
        "https://1.dkr.ecr.eu-west-1.amazonaws.com/v2/a/tags/list?last=bGFzdA==&n=1000",
        "/v2/a/b/tags/list?n=50&next_page=gAAAAABl-x_Q3Vk==", "/v2/_catalog?last=a%2Fb&n=1000",
        "/v2/a/referrers/sha256:abc?next=[1]|{2}"}) {
    EXPECT_EQ(Next(fmt::format(R"(<{}>; rel="next")", target)), target);
    EXPECT_EQ(Next(fmt::format(R"(<{}>;rel=next)", target)), target);
  }
}

TEST(NextLinkTest, OtherLinksAreNone) {
  for (const char* header :
       {"", " ", ",", "<x>; rel=prev", "<x>; rel=\"first\", <y>; rel=last", "<x>; rel=nextone",
        "<x>; rel=prev; rel=next", "<x>; rel=prev; title=\"; rel=next\"",
        "<x>; rel=preload; as=style; crossorigin", "<x>; rel=\"http://x/next\"",
        "<x>; rel=http://x/next"}) {
    EXPECT_EQ(Next(header), "none") << header;
  }
}

// Each of them may have been meant as the link to the next page.
TEST(NextLinkTest, WhatCannotBeUnderstoodIsAnError) {
  for (const char* header : {"next",
                             "garbage",
                             "rel=next",
                             ">;rel=next",
                             "/v2/x; rel=\"next\"",
                             "<x",
                             "<x; rel=\"next\"",
                             "<x>",
                             "<x>; title=\"rel=next\"",
                             "<x>; xrel=next",
                             "<x>; rel",
                             "<x>; rel=",
                             "<x>; rel=\"",
                             "<x>; rel=\"\"",
                             "<x>; rel=\" \"",
                             "<x>; rel=\"next",
                             "<x>; rel:\"next\"",
                             "<x>; rel='next'",
                             "<x>,; rel=\"next\"",
                             "<x> rel=next",
                             "<x>; =next",
                             "<x>; rel=last next",
                             "<x>; rel=\"next\"y",
                             "<x y>; rel=next",
                             "<x; rel=\"prev\", <y>; rel=\"next\"",
                             "<p>; rel=\"prev\", y>; rel=\"next\"",
                             "<n>; rel=next, <x"}) {
    EXPECT_THAT(Next(header), HasSubstr("error: ")) << header;
  }
}

class TagListTest : public ScriptedRegistryTest {
 protected:
  absl::StatusOr<TagList> List() { return registry().ListTags(app); }
};

TEST_F(TagListTest, FollowsEveryFormOfLink) {
  const std::map<std::string, HttpResponse> pages = {
      {fmt::format("{}?n=1000", kList),
       TagsPage(R"(["c"])", "</v2/acme/app/tags/list?p=2>; rel=\"next\"")},
      {fmt::format("{}?p=2", kList), TagsPage("[]", fmt::format("<{}?p=3>; rel=next", kList))},
      {fmt::format("{}?p=3", kList), TagsPage(R"(["b","a"])", "<?p=4>; rel=next")},
      {fmt::format("{}?p=4", kList), TagsPage(R"(["a"])")}};
  answer = [&pages](const SentRequest& request) { return pages.at(request.url); };
  const absl::StatusOr<TagList> list = List();
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_THAT(list->tags, ElementsAre("a", "b", "c"));
  EXPECT_TRUE(list->repository_exists);
  EXPECT_THAT(list->warnings, IsEmpty());
  EXPECT_THAT(transport.Requests(), SizeIs(4));
}

TEST_F(TagListTest, NullIsEmpty) {
  answer = [](const SentRequest&) { return TagsPage("null"); };
  const absl::StatusOr<TagList> list = List();
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_THAT(list->tags, IsEmpty());
  EXPECT_TRUE(list->repository_exists);
}

TEST_F(TagListTest, OnlyAStatedAbsenceIsAnAnswer) {
  answer = [](const SentRequest&) {
    return Answer(404, {}, R"({"errors":[{"code":"NAME_UNKNOWN"}]})");
  };
  ASSERT_TRUE(List().ok());
  EXPECT_FALSE(List()->repository_exists);
  answer = [](const SentRequest&) { return Answer(404, {}, "404 page not found"); };
  EXPECT_TRUE(absl::IsNotFound(List().status()));
}

TEST_F(TagListTest, InvalidNamesAreSkippedWithAWarning) {
  answer = [](const SentRequest&) {
    return TagsPage(R"(["ok","../x","-a","","a b",3,null,"ok2"])");
  };
  const absl::StatusOr<TagList> list = List();
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_THAT(list->tags, ElementsAre("ok", "ok2"));
  EXPECT_THAT(list->warnings, ElementsAre(HasSubstr("6 names")));
}

// Whatever the items are: 64 MiB of empty lists would take more than a gigabyte.
TEST_F(TagListTest, AMillionItemsAreTheMost) {
  std::string items;
  for (int i = 0; i < 600'000; ++i) items += "[],";
  items.back() = ' ';
  answer = [&items](const SentRequest& request) {
    return TagsPage("[" + items + "]",
                    request.url.find("p=2") == std::string::npos ? "<?p=2>; rel=next" : "");
  };
  const absl::Status status = List().status();
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("more than 1000000 tags"));
}

TEST_F(TagListTest, APageThatFailsFailsTheList) {
  for (const HttpResponse& bad :
       {Answer(500), Answer(404, {}, R"({"errors":[{"code":"NAME_UNKNOWN"}]})"),
        Answer(200, {}, "{"), Answer(200, {}, "[]"), Answer(200, {}, R"({"name":"x"})"),
        Answer(200, {}, R"({"tags":"a"})")}) {
    answer = [&bad](const SentRequest& request) {
      return request.url.find("p=2") == std::string::npos ? TagsPage(R"(["a"])", "<?p=2>; rel=next")
                                                          : bad;
    };
    EXPECT_FALSE(List().ok()) << bad.status << bad.body;
  }
}

// A tag of the next page may share the digest of one that is to be deleted.
TEST_F(TagListTest, ALinkThatCannotBeReadFailsTheList) {
  for (const char* link : {"<?p=2>; rel='next'", "?p=2; rel=\"next\"", "<?p=2>",
                           "<?p=2>,; rel=\"next\"", "<?p=2; rel=\"next\""}) {
    answer = [link](const SentRequest&) { return TagsPage(R"(["a"])", link); };
    const absl::Status status = List().status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << link << " " << status;
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr("reg.example/acme/app: whether more pages follow can't be told"),
                      HasSubstr("RFC 8288")));
  }
}

TEST_F(TagListTest, EveryLinkHeaderCounts) {
  std::vector<std::string> links = {"<?p=0>; rel=prev", "<?p=2>; rel=next"};
  answer = [&links](const SentRequest& request) {
    if (request.url.find("p=2") != std::string::npos) return TagsPage(R"(["b"])");
    HttpResponse page = TagsPage(R"(["a"])");
    for (const std::string& link : links) page.headers.emplace("link", link);
    return page;
  };
  EXPECT_THAT(List()->tags, ElementsAre("a", "b"));
  links.emplace_back("<?p=3>");
  EXPECT_TRUE(absl::IsInvalidArgument(List().status()));
}

TEST_F(TagListTest, APageOfAProxyIsToldByItsType) {
  answer = [](const SentRequest&) {
    return Answer(200, {{"content-type", "text/html; charset=utf-8"}}, "<html>Log in</html>");
  };
  EXPECT_THAT(std::string(List().status().message()),
              HasSubstr("isn't a list of tags, but 200 with text/html; charset=utf-8"));
}

TEST_F(TagListTest, ALinkToAnotherHostIsNotFollowed) {
  for (const char* link : {"<https://evil.example/v2/acme/app/tags/list?p=2>; rel=next",
                           "<http://reg.example/v2/acme/app/tags/list?p=2>; rel=next",
                           "<//evil.example/x>; rel=next", "<https://u@reg.example/>; rel=next"}) {
    answer = [link](const SentRequest&) { return TagsPage(R"(["a"])", link); };
    const std::size_t before = transport.Requests().size();
    EXPECT_TRUE(absl::IsInvalidArgument(List().status())) << link;
    EXPECT_EQ(transport.Requests().size(), before + 1);
  }
}

// Artifactory: the link lacks the virtual repository's prefix. Another repository's tags would be
// taken for ours.
TEST_F(TagListTest, ALinkWithoutOurPrefixIsOurs) {
  answer = [](const SentRequest& request) {
    EXPECT_THAT(request.url, HasSubstr("/v2/acme/app/tags/list?"));
    return request.url.find("last=a") == std::string::npos
               ? TagsPage(R"(["a"])", "</v2/app/tags/list?last=a&n=1>; rel=\"next\"")
               : TagsPage(R"(["b"])");
  };
  const absl::StatusOr<TagList> list = List();
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_THAT(list->tags, ElementsAre("a", "b"));
}

// A proxy that strips what the registry puts before its links.
TEST_F(TagListTest, ALinkWithAnotherPrefixIsFollowed) {
  answer = [](const SentRequest& request) {
    return request.url.find("/front/") == std::string::npos
               ? TagsPage(R"(["a"])", "</front/v2/acme/app/tags/list?last=a>; rel=\"next\"")
               : TagsPage(R"(["b"])");
  };
  EXPECT_THAT(List()->tags, ElementsAre("a", "b"));
}

TEST_F(TagListTest, AnotherRepositorysTagsAreNotOurs) {
  for (const char* link :
       {"</v2/other/tags/list>; rel=next", "</v2/other/acme/app/tags/list>; rel=next",
        "</v2/other/v2/acme/app/tags/list>; rel=next", "</v2/_catalog?last=a>; rel=next"}) {
    answer = [link](const SentRequest&) { return TagsPage(R"(["a"])", link); };
    const std::size_t before = transport.Requests().size();
    const absl::StatusOr<TagList> list = List();
    EXPECT_TRUE(absl::IsInvalidArgument(list.status())) << link;
    EXPECT_EQ(transport.Requests().size(), before + 1);
  }
}

// Quay gives 50 whatever it is asked for; a page that is short, or empty, is no end.
TEST_F(TagListTest, AShortPageIsNoEnd) {
  answer = [](const SentRequest& request) {
    if (request.url.find("p=2") != std::string::npos) return TagsPage("[]", "<?p=3>; rel=next");
    if (request.url.find("p=3") != std::string::npos) return TagsPage(R"(["z"])");
    return TagsPage(R"(["a"])", "<?p=2>; rel=next");
  };
  EXPECT_THAT(List()->tags, ElementsAre("a", "z"));
}

TEST_F(TagListTest, ACircleOfPagesEnds) {
  answer = [](const SentRequest& request) {
    return TagsPage(R"(["a"])", request.url.find("p=2") == std::string::npos ? "<?p=2>; rel=next"
                                                                             : "<?p=3>; rel=next");
  };
  const absl::StatusOr<TagList> list = List();
  EXPECT_TRUE(absl::IsInvalidArgument(list.status())) << list.status();
  EXPECT_LE(transport.Requests().size(), 5u);
}

TEST_F(TagListTest, PagesWithoutEndEnd) {
  int page = 0;
  answer = [&page](const SentRequest&) {
    return TagsPage(R"(["a"])", fmt::format("<?p={}>; rel=next", ++page));
  };
  EXPECT_TRUE(absl::IsResourceExhausted(List().status()));
}

TEST_F(TagListTest, ARefusedPageSizeIsLeftOut) {
  answer = [](const SentRequest& request) {
    if (request.url.find("n=") == std::string::npos) return TagsPage(R"(["a"])");
    return Answer(400, {}, R"({"errors":[{"code":"PAGINATION_NUMBER_INVALID"}]})");
  };
  const absl::StatusOr<TagList> list = List();
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_THAT(list->tags, ElementsAre("a"));
}

}  // namespace
}  // namespace imglife
