// Docker Hub's API, played by a script.
#include "providers/registry/docker_hub/docker_hub_registry.h"

#include <algorithm>
#include <atomic>
#include <functional>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "providers/http/curl_transport.h"
#include "providers/registry/docker_hub/hub_tags.h"
#include "tests/support/fake_registry.h"
#include "tests/support/http_server.h"
#include "tests/support/scripted_transport.h"

namespace imglife {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::UnorderedElementsAre;

constexpr char kHub[] = "https://hub.test";
constexpr char kList[] = "/v2/namespaces/library/repositories/alpine/tags?page_size=100";
const Repository kAlpine = {Repository::Kind::kDistribution, "docker.io", "library/alpine"};

class FixedCredential : public CredentialSource {
 public:
  absl::StatusOr<Credential> For(const std::string& host) override {
    hosts.push_back(host);
    return credential;
  }
  Credential credential;
  std::vector<std::string> hosts;
};

// Tags t`first` to t`last`, pushed one a minute.
std::string Page(int first, int last, const std::string& more) {
  std::string tags;
  for (int n = first; n <= last; ++n) {
    tags += fmt::format(R"({}{{"name":"t{}","tag_last_pushed":"2026-01-01T{:02}:{:02}:00Z"}})",
                        n == first ? "" : ",", n, n / 60, n % 60);
  }
  return fmt::format(R"({{{},"results":[{}]}})", more, tags);
}

int PageOf(const std::string& url) {
  const std::size_t at = url.find("&page=");
  return at == std::string::npos ? 1 : std::stoi(url.substr(at + 6));
}

class DockerHubTest : public testing::Test {
 protected:
  // 250 tags on three pages.
  static HttpResponse ThreePages(const SentRequest& request) {
    const int page = PageOf(request.url);
    return Answer(200, {}, Page(page * 100 - 99, std::min(page * 100, 250), R"("count":250)"));
  }

  // A server that says back what it was told.
  static HttpResponse SayBack(int status, const SentRequest& request) {
    const std::string told = request.authorization + " " + request.body;
    return Answer(
        status, {},
        nlohmann::json{{"errors", {{{"code", "DENIED"}, {"message", "not with " + told}}}}}.dump());
  }

  absl::StatusOr<DetailsByTag> Describe(const Repository& repository = kAlpine,
                                        const std::string& url = kHub) {
    auto behind = std::make_unique<FakeRegistry>();
    behind->AddRepository(kAlpine);
    return MakeDockerHubRegistry(std::move(behind), transport_, credentials_, {.url = url})
        ->DescribeTags(repository);
  }

  void LogIn() {
    credentials_.credential.username = "me";
    credentials_.credential.password = Secret("dckr_pat_secret");
    credentials_.credential.source = "IMGLIFE_DOCKER_IO_USERNAME";
  }

  std::function<absl::StatusOr<HttpResponse>(const SentRequest&)> answer_ = ThreePages;
  ScriptedTransport transport_{[this](const SentRequest& request) { return answer_(request); }};
  FixedCredential credentials_;
};

TEST_F(DockerHubTest, AllPagesOnceTheirNumberIsKnown) {
  const auto tags = Describe();
  ASSERT_TRUE(tags.ok()) << tags.status();
  EXPECT_THAT(*tags, SizeIs(250));
  EXPECT_EQ(tags->at("t61").pushed,
            absl::FromCivil(absl::CivilMinute(2026, 1, 1, 1, 1), absl::UTCTimeZone()));
  EXPECT_THAT(transport_.Lines(),
              UnorderedElementsAre(fmt::format("GET {}{}", kHub, kList),
                                   fmt::format("GET {}{}&page=2", kHub, kList),
                                   fmt::format("GET {}{}&page=3", kHub, kList)));
  EXPECT_THAT(credentials_.hosts, IsEmpty()) << "public tags need no login";
}

TEST_F(DockerHubTest, ALastPageThatHasBecomeFullGoesOn) {
  answer_ = [](const SentRequest& request) {
    const int page = PageOf(request.url);
    std::string more = R"("count":200)";
    if (page == 2) more += fmt::format(R"(,"next":"{}{}&page=3")", kHub, kList);
    return Answer(200, {}, Page(page * 100 - 99, page == 3 ? 201 : page * 100, more));
  };
  const auto tags = Describe();
  ASSERT_TRUE(tags.ok()) << tags.status();
  EXPECT_THAT(*tags, SizeIs(201));
}

TEST_F(DockerHubTest, WithoutACountTheLinksAreFollowed) {
  answer_ = [](const SentRequest& request) {
    const int page = PageOf(request.url);
    const std::string next = page == 3 ? "null" : fmt::format("\"{}&page={}\"", kList, page + 1);
    return Answer(200, {}, Page(page, page, "\"next\":" + next));
  };
  const auto tags = Describe();
  ASSERT_TRUE(tags.ok()) << tags.status();
  EXPECT_THAT(*tags, SizeIs(3));
}

TEST_F(DockerHubTest, ALinkToAnotherHostIsNotFollowed) {
  for (const char* next : {"https://evil.test/x", "http://hub.test/x", "//evil.test/x"}) {
    answer_ = [next](const SentRequest&) {
      return Answer(200, {}, Page(1, 1, fmt::format(R"("next":"{}")", next)));
    };
    const std::size_t before = transport_.Requests().size();
    EXPECT_TRUE(absl::IsInvalidArgument(Describe().status())) << next;
    EXPECT_THAT(transport_.Requests(), SizeIs(before + 1)) << next;
  }
}

TEST_F(DockerHubTest, PagesWithoutEndEnd) {
  answer_ = [](const SentRequest&) {
    return Answer(200, {}, Page(1, 1, fmt::format(R"("next":"{}{}")", kHub, kList)));
  };
  EXPECT_TRUE(absl::IsResourceExhausted(Describe().status())) << "a circle";
  answer_ = [](const SentRequest&) { return Answer(200, {}, Page(1, 1, R"("count":999999999)")); };
  EXPECT_TRUE(absl::IsResourceExhausted(Describe().status())) << "a count that can't be";
}

TEST_F(DockerHubTest, APageThatFailsFailsTheList) {
  for (const HttpResponse& bad : {Answer(500), Answer(404), Answer(200, {}, "<html>")}) {
    answer_ = [&bad](const SentRequest& request) {
      return PageOf(request.url) == 3 ? bad : ThreePages(request);
    };
    const auto tags = Describe();
    EXPECT_THAT(std::string(tags.status().message()),
                HasSubstr("docker.io/library/alpine at https://hub.test"))
        << bad.status;
  }
}

TEST_F(DockerHubTest, AfterAPageThatFailsNoMoreAreAsked) {
  std::atomic<int> asked{0};
  answer_ = [&asked](const SentRequest& request) {
    ++asked;
    return PageOf(request.url) == 1 ? Answer(200, {}, Page(1, 100, R"("count":100000)"))
                                    : Answer(404);
  };
  EXPECT_FALSE(Describe().ok());
  // The first one, and those that were on their way together.
  EXPECT_LE(asked, 1 + 8);
}

TEST_F(DockerHubTest, APrivateRepositoryIsAskedAgainWithAToken) {
  LogIn();
  answer_ = [](const SentRequest& request) {
    if (request.url == fmt::format("{}/v2/auth/token", kHub)) {
      return Answer(200, {}, R"({"access_token":"jwt"})");
    }
    return request.authorization == "Bearer jwt" ? ThreePages(request) : Answer(404);
  };
  const auto tags = Describe();
  ASSERT_TRUE(tags.ok()) << tags.status();
  EXPECT_THAT(*tags, SizeIs(250));
  EXPECT_THAT(credentials_.hosts, ElementsAre("docker.io"));
  const SentRequest login = transport_.Requests()[1];
  EXPECT_EQ(login.method, "POST");
  EXPECT_EQ(login.body, R"({"identifier":"me","secret":"dckr_pat_secret"})");
  EXPECT_EQ(login.Header("content-type"), "application/json");
}

TEST_F(DockerHubTest, WithoutCredentialsARefusalIsTheAnswer) {
  answer_ = [](const SentRequest&) { return Answer(404); };
  EXPECT_TRUE(absl::IsNotFound(Describe().status()));
  EXPECT_THAT(transport_.Requests(), SizeIs(1));
}

TEST_F(DockerHubTest, ALoginThatFailsSaysWhoseAndHoldsNoSecret) {
  LogIn();
  answer_ = [](const SentRequest& request) {
    return request.method == "POST" ? SayBack(401, request) : Answer(404);
  };
  const auto tags = Describe();
  EXPECT_TRUE(absl::IsUnauthenticated(tags.status()));
  EXPECT_THAT(std::string(tags.status().message()),
              AllOf(HasSubstr("the login with IMGLIFE_DOCKER_IO_USERNAME"), HasSubstr("not with"),
                    Not(HasSubstr("dckr_pat_secret"))));
}

TEST_F(DockerHubTest, ARefusalAfterTheLoginHoldsNoToken) {
  LogIn();
  answer_ = [](const SentRequest& request) {
    if (request.method == "POST") return Answer(200, {}, R"({"access_token":"issued-jwt-token"})");
    return request.authorization.empty() ? Answer(404) : SayBack(403, request);
  };
  const auto tags = Describe();
  EXPECT_TRUE(absl::IsPermissionDenied(tags.status()));
  EXPECT_THAT(std::string(tags.status().message()),
              AllOf(HasSubstr("not with"), Not(HasSubstr("issued-jwt-token"))));
}

TEST_F(DockerHubTest, APasswordIsNotSentInTheClear) {
  LogIn();
  answer_ = [](const SentRequest&) { return Answer(404); };
  EXPECT_TRUE(absl::IsNotFound(Describe(kAlpine, "http://hub.test").status()));
  EXPECT_THAT(transport_.Requests(), SizeIs(1));
}

TEST_F(DockerHubTest, WhatIsNoBaseUrlIsNamed) {
  const auto tags = Describe(kAlpine, "hub.docker.com");
  EXPECT_THAT(std::string(tags.status().message()), HasSubstr("IMGLIFE_DOCKER_HUB_URL"));
  EXPECT_THAT(transport_.Requests(), IsEmpty());
}

TEST_F(DockerHubTest, IsNotAskedWhereAMirrorStandsForIt) {
  const auto tags = Describe(kAlpine, "");
  EXPECT_TRUE(absl::IsUnimplemented(tags.status()));
  EXPECT_THAT(std::string(tags.status().message()),
              HasSubstr("IMGLIFE_REGISTRY_ENDPOINT_DOCKER_IO"));
  EXPECT_THAT(transport_.Requests(), IsEmpty());
}

TEST_F(DockerHubTest, IsNotAskedAboutOtherRegistries) {
  EXPECT_TRUE(absl::IsUnimplemented(
      Describe({Repository::Kind::kDistribution, "ghcr.io", "o/app"}).status()));
  EXPECT_TRUE(
      absl::IsNotFound(Describe({Repository::Kind::kDistribution, "docker.io", "a/b/c"}).status()));
  EXPECT_THAT(transport_.Requests(), IsEmpty());
}

// On the real transport: Docker Hub writes the instant, not the seconds.
TEST(DockerHubLimit, IsWaitedForAndTheListIsComplete) {
  std::atomic<int> requests{0};
  std::atomic<std::int64_t> opens{0};
  HttpServer server([&](const ServedRequest& request) -> ServedResponse {
    if (++requests == 2) opens = absl::ToUnixSeconds(absl::Now()) + 2;
    // Whoever comes back earlier is refused again.
    if (absl::ToUnixSeconds(absl::Now()) < opens) {
      return {429,
              {{"X-RateLimit-Remaining", "0"}, {"X-Retry-After", std::to_string(opens.load())}},
              ""};
    }
    const int page = PageOf(request.target);
    return {200, {}, Page(page * 100 - 99, page * 100, R"("count":300)")};
  });
  const auto transport = MakeCurlTransport({});
  FixedCredential nobody;
  const auto tags = FetchHubTags({*transport, nobody, server.url()}, kAlpine);
  ASSERT_TRUE(tags.ok()) << tags.status();
  EXPECT_THAT(*tags, SizeIs(300));
  EXPECT_LE(requests, 5) << "the two pages were refused once at most";
}

TEST(DockerHubLimit, ThatLastsTooLongIsNotWaitedFor) {
  HttpServer server([](const ServedRequest&) -> ServedResponse {
    const std::string at = std::to_string(absl::ToUnixSeconds(absl::Now()) + 3600);
    return {429, {{"X-Retry-After", at}}, ""};
  });
  const auto transport = MakeCurlTransport({});
  FixedCredential nobody;
  const auto tags = FetchHubTags({*transport, nobody, server.url()}, kAlpine);
  EXPECT_TRUE(absl::IsUnavailable(tags.status())) << tags.status();
  EXPECT_THAT(server.Requests(), SizeIs(1));
}

}  // namespace
}  // namespace imglife
