#include "absl/status/status.h"
#include "gmock/gmock.h"

#include "tests/providers/registry/distribution/scripted_registry.h"

namespace imglife {
namespace {

using testing::ElementsAre;

HttpResponse CatalogPage(const std::string& names, const std::string& link = "") {
  HttpResponse page = Answer(200, {}, R"({"repositories":)" + names + "}");
  if (!link.empty()) page.headers.emplace("link", link);
  return page;
}

class CatalogTest : public ScriptedRegistryTest {
 protected:
  absl::StatusOr<std::vector<Repository>> List(const std::string& path) {
    return registry().ListRepositories({Repository::Kind::kDistribution, "reg.example", path});
  }
  static Repository At(const std::string& path) {
    return {Repository::Kind::kDistribution, "reg.example", path};
  }
};

TEST_F(CatalogTest, TakesWhatIsBelowThePrefixFromEveryPage) {
  const std::map<std::string, HttpResponse> pages = {
      {"https://reg.example/v2/_catalog?n=1000",
       CatalogPage(R"(["bases/b","bases","basest/x"])", "</v2/_catalog?last=b>; rel=next")},
      {"https://reg.example/v2/_catalog?last=b",
       CatalogPage(R"(["bases/a/deep","other/bases/c","bases/","bases/NO",7])")}};
  answer = [&pages](const SentRequest& request) { return pages.at(request.url); };
  const auto list = List("bases");
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_THAT(*list, ElementsAre(At("bases/a/deep"), At("bases/b")));
}

TEST_F(CatalogTest, AWholeRegistryIsAPrefixToo) {
  answer = [](const SentRequest&) { return CatalogPage(R"(["b","a/c"])"); };
  const auto list = List("");
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_THAT(*list, ElementsAre(At("a/c"), At("b")));
}

TEST_F(CatalogTest, ARegistryThatDoesNotTellHasNone) {
  for (const int status : {401, 403, 404, 405, 501}) {
    answer = [status](const SentRequest& request) {
      return request.url == "https://reg.example/v2/" ? Answer(200) : Answer(status);
    };
    EXPECT_TRUE(absl::IsUnimplemented(List("bases").status())) << status;
  }
}

// What the pages before named is there, and what would have followed isn't known.
TEST_F(CatalogTest, ARefusedSecondPageIsNoRefusal) {
  for (const int status : {400, 401, 403, 404, 405, 501}) {
    answer = [status](const SentRequest& request) {
      if (request.url.find("last=") != std::string::npos) return Answer(status);
      if (request.url == "https://reg.example/v2/") return Answer(200);
      return CatalogPage(R"(["bases/a"])", "</v2/_catalog?last=b>; rel=next");
    };
    EXPECT_TRUE(absl::IsUnavailable(List("bases").status())) << status;
  }
}

// A repository that isn't known to be there may be where a base is used.
TEST_F(CatalogTest, ALinkThatCannotBeReadIsNoEnd) {
  for (const char* link :
       {"/v2/_catalog?last=x; rel=\"next\"", "</v2/_catalog?last=x>; rel='next'"}) {
    answer = [link](const SentRequest&) { return CatalogPage(R"(["bases/a"])", link); };
    EXPECT_TRUE(absl::IsUnavailable(List("bases").status())) << link;
  }
}

TEST_F(CatalogTest, A404OfAProxyIsNoRefusal) {
  answer = [](const SentRequest&) { return Answer(404, {}, "<html>"); };
  EXPECT_TRUE(absl::IsUnavailable(List("bases").status()));
}

TEST_F(CatalogTest, AFailureIsNoAnswer) {
  for (const HttpResponse& bad :
       {Answer(500), Answer(200, {}, "{"), Answer(200, {}, R"({"repositories":"a"})")}) {
    answer = [&bad](const SentRequest&) { return bad; };
    const auto list = List("bases");
    EXPECT_FALSE(list.ok());
    EXPECT_FALSE(absl::IsUnimplemented(list.status())) << bad.status << bad.body;
  }
}

TEST_F(CatalogTest, ARefusedPageSizeIsLeftOut) {
  answer = [](const SentRequest& request) {
    if (request.url.find("n=") == std::string::npos) return CatalogPage(R"(["bases/a"])");
    return Answer(400, {}, R"({"errors":[{"code":"PAGINATION_NUMBER_INVALID"}]})");
  };
  EXPECT_THAT(*List("bases"), ElementsAre(At("bases/a")));
}

}  // namespace
}  // namespace imglife
