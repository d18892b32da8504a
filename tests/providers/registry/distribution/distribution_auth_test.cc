// Logging in, over real connections: a registry and a token server of their own, with TLS or not.
#include <atomic>
#include <latch>
#include <thread>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include <fmt/format.h>

#include "providers/http/curl_transport.h"
#include "tests/providers/registry/distribution/scripted_registry.h"
#include "tests/support/byte_readers.h"
#include "tests/support/http_server.h"

namespace imglife {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr char kPassword[] = "hunter2-distinctive";

ServedResponse Tags() {
  return {200, {{"Content-Type", "application/json"}}, R"({"name":"acme/app","tags":["1"]})"};
}

class LoginTest : public testing::Test {
 protected:
  LoginTest() {
    credentials.credential.username = "me";
    credentials.credential.password = Secret(kPassword);
    credentials.credential.source = "docker config";
    grant = [](const ServedRequest&) -> ServedResponse {
      return {200, {}, R"({"token":"good","expires_in":300})"};
    };
    serve = [this](const ServedRequest& request) -> ServedResponse {
      if (request.Header("authorization") == "Bearer good") return Tags();
      return Challenge(401, "");
    };
  }

  ServedResponse Challenge(int status, const std::string& more) const {
    return {status, {{"WWW-Authenticate", ChallengeText() + more}}, ""};
  }
  std::string ChallengeText() const {
    return fmt::format(R"(Bearer realm="{}/token",service="reg")", tokens.url());
  }

  std::string List() {
    const auto list = registry().ListTags({Repository::Kind::kDistribution, server.host(), "app"});
    return list.ok() ? "ok" : list.status().ToString();
  }

  Registry& registry() {
    if (!registry_) registry_ = MakeDistributionRegistry(*transport, credentials, {});
    return *registry_;
  }

  std::function<ServedResponse(const ServedRequest&)> grant;
  std::function<ServedResponse(const ServedRequest&)> serve;
  HttpServer tokens{[this](const ServedRequest& request) { return grant(request); }};
  HttpServer server{[this](const ServedRequest& request) { return serve(request); }};
  FixedCredential credentials;
  std::unique_ptr<Transport> transport = MakeCurlTransport({});

 private:
  std::unique_ptr<Registry> registry_;
};

TEST_F(LoginTest, ThePasswordGoesToTheTokenServerAndTheTokenToTheRegistry) {
  EXPECT_EQ(List(), "ok");
  const std::string basic = "Basic " + absl::Base64Escape(fmt::format("me:{}", kPassword));
  ASSERT_THAT(tokens.Requests(), SizeIs(1));
  EXPECT_EQ(tokens.Requests()[0].Header("authorization"), basic);
  ASSERT_THAT(server.Requests(), SizeIs(2));
  EXPECT_EQ(server.Requests()[0].Header("authorization"), "");
  EXPECT_EQ(server.Requests()[1].Header("authorization"), "Bearer good");
}

TEST_F(LoginTest, ATokenIsAMebibyteAtMost) {
  const auto answer_of = [](std::size_t size) {
    std::string body = R"({"token":"good","expires_in":300})";
    body.resize(size, ' ');
    return ServedResponse{200, {}, std::move(body)};
  };
  grant = [&](const ServedRequest&) { return answer_of((std::size_t{1} << 20) + 1); };
  EXPECT_THAT(List(), HasSubstr("larger than 1048576 bytes"));
  grant = [&](const ServedRequest&) { return answer_of(std::size_t{1} << 20); };
  EXPECT_EQ(List(), "ok");
}

TEST_F(LoginTest, A401ThatStaysIsFinal) {
  serve = [this](const ServedRequest&) { return Challenge(401, ""); };
  EXPECT_THAT(List(), HasSubstr("UNAUTHENTICATED"));
  EXPECT_THAT(server.Requests(), SizeIs(2));
  EXPECT_THAT(tokens.Requests(), SizeIs(1));
}

TEST_F(LoginTest, MoreScopeIsAskedForOnce) {
  for (const int status : {401, 403}) {
    for (const bool grants : {true, false}) {
      const HttpServer reg([&, this](const ServedRequest& request) -> ServedResponse {
        const std::string token = request.Header("authorization");
        if (token.empty()) return Challenge(401, "");
        if (grants && token == "Bearer more") return Tags();
        return Challenge(status, R"(,scope="repository:app:pull repository:base:pull",)"
                                 R"(error="insufficient_scope")");
      });
      grant = [](const ServedRequest& request) -> ServedResponse {
        const bool more = request.target.find("base") != std::string::npos;
        return {200, {}, more ? R"({"token":"more"})" : R"({"token":"less"})"};
      };
      const std::size_t before = tokens.Requests().size();
      const auto client = MakeDistributionRegistry(*transport, credentials, {});
      const auto list = client->ListTags({Repository::Kind::kDistribution, reg.host(), "app"});
      EXPECT_EQ(list.ok(), grants) << status << list.status();
      EXPECT_THAT(reg.Requests(), SizeIs(3));
      EXPECT_EQ(tokens.Requests().size() - before, 2u);
    }
  }
}

TEST_F(LoginTest, EveryFormOfAChallengeIsUnderstood) {
  const std::string url = tokens.url();
  for (const std::string& challenge :
       {fmt::format(R"(Basic realm="x", Bearer realm="{}/token",service="reg")", url),
        fmt::format(R"(Bearer realm="{}/token" service="reg")", url),
        fmt::format(R"(bEARER REALM={}/token,Service=reg)", url),
        fmt::format(R"(Negotiate abc==, Bearer realm="{}/to\ken")", url)}) {
    serve = [challenge](const ServedRequest& request) -> ServedResponse {
      if (request.Header("authorization") == "Bearer good") return Tags();
      return {401, {{"WWW-Authenticate", challenge}}, ""};
    };
    const auto client = MakeDistributionRegistry(*transport, credentials, {});
    const auto list = client->ListTags({Repository::Kind::kDistribution, server.host(), "app"});
    EXPECT_TRUE(list.ok()) << challenge << list.status();
  }
}

TEST_F(LoginTest, ChallengesInSeveralHeadersAreUnderstood) {
  serve = [this](const ServedRequest& request) -> ServedResponse {
    if (request.Header("authorization") == "Bearer good") return Tags();
    return {401, {{"WWW-Authenticate", "Negotiate"}, {"WWW-Authenticate", ChallengeText()}}, ""};
  };
  EXPECT_EQ(List(), "ok");
}

TEST_F(LoginTest, ARelativeRealmIsTheRegistrysOwn) {
  serve = [](const ServedRequest& request) -> ServedResponse {
    if (request.path == "/token") return {200, {}, R"({"token":"good"})"};
    if (request.Header("authorization") == "Bearer good") return Tags();
    return {401, {{"WWW-Authenticate", R"(Bearer realm="/token",service="reg")"}}, ""};
  };
  EXPECT_EQ(List(), "ok");
  EXPECT_THAT(tokens.Requests(), IsEmpty());
}

TEST_F(LoginTest, ManyRequestsShareOneLoginAndOneToken) {
  // One challenge teaches everybody.
  EXPECT_EQ(List(), "ok");
  std::vector<std::thread> threads;
  std::atomic<int> served{0};
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { served += List() == "ok" ? 1 : 0; });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(served, 8);
  EXPECT_THAT(tokens.Requests(), SizeIs(1));
  EXPECT_THAT(server.Requests(), SizeIs(10));
  EXPECT_THAT(credentials.Hosts(), SizeIs(1));
}

// Nobody knows yet that a login is needed: all are refused, and one logs in for all.
TEST_F(LoginTest, RequestsThatStartTogetherShareOneLogin) {
  constexpr int kThreads = 8;
  std::latch refused{kThreads};
  serve = [&, this](const ServedRequest& request) -> ServedResponse {
    if (request.Header("authorization") == "Bearer good") return Tags();
    refused.arrive_and_wait();
    return Challenge(401, "");
  };
  registry();
  std::vector<std::thread> threads;
  std::atomic<int> served{0};
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] { served += List() == "ok" ? 1 : 0; });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(served, kThreads);
  EXPECT_THAT(tokens.Requests(), SizeIs(1));
  EXPECT_THAT(server.Requests(), SizeIs(2 * kThreads));
}

// A token that may do no more than the request needs.
TEST_F(LoginTest, EachRequestAsksForTheScopeThatItNeeds) {
  const Repository app = {Repository::Kind::kDistribution, server.host(), "app"};
  const std::string digest = Digest::OfBytes("{}").str();
  ManifestBytes manifest;
  manifest.media_type = "application/vnd.oci.image.manifest.v1+json";
  manifest.content = "{}";
  manifest.digest = Digest::OfBytes("{}");
  const std::string pull = "repository:app:pull";
  const std::vector<std::pair<std::string, std::function<void(Registry&)>>> cases = {
      {pull, [&](Registry& r) { r.ListTags(app).IgnoreError(); }},
      {pull, [&](Registry& r) { r.Resolve(app, "1").IgnoreError(); }},
      {pull, [&](Registry& r) { r.GetManifest(app, "1").IgnoreError(); }},
      {pull, [&](Registry& r) { r.GetBlob(app, {.digest = manifest.digest}).IgnoreError(); }},
      {pull, [&](Registry& r) { r.BlobExists(app, manifest.digest).IgnoreError(); }},
      {pull, [&](Registry& r) { r.ListReferrers(app, manifest.digest).IgnoreError(); }},
      {"repository:app:pull,push",
       [&](Registry& r) { r.PutManifest(app, digest, manifest).IgnoreError(); }},
      {"registry:catalog:*", [&](Registry& r) { r.ListRepositories(app).IgnoreError(); }}};
  for (const auto& [scope, ask] : cases) {
    const std::size_t before = tokens.Requests().size();
    ask(*MakeDistributionRegistry(*transport, credentials, {}));
    ASSERT_GT(tokens.Requests().size(), before) << scope;
    const std::string target = tokens.Lines().at(before);
    const std::string escaped =
        absl::StrReplaceAll(scope, {{":", "%3A"}, {",", "%2C"}, {"*", "%2A"}});
    EXPECT_THAT(target + "&", HasSubstr("scope=" + escaped + "&"));
  }
}

TEST_F(LoginTest, ATokenServerThatMovesWithinItselfIsFollowed) {
  grant = [](const ServedRequest& request) -> ServedResponse {
    if (request.path == "/moved") return {200, {}, R"({"token":"good"})"};
    return {307, {{"Location", "/moved"}}, ""};
  };
  EXPECT_EQ(List(), "ok");
  EXPECT_THAT(tokens.Requests().back().Header("authorization"), HasSubstr("Basic "));
}

TEST_F(LoginTest, ATokenServersRedirectTakesNoPasswordAlong) {
  const HttpServer elsewhere([](const ServedRequest&) -> ServedResponse {
    return {200, {}, R"({"token":"good"})"};
  });
  grant = [&elsewhere](const ServedRequest&) -> ServedResponse {
    return {302, {{"Location", elsewhere.url() + "/token"}}, ""};
  };
  EXPECT_EQ(List(), "ok");
  ASSERT_THAT(elsewhere.Requests(), SizeIs(1));
  EXPECT_EQ(elsewhere.Requests()[0].Header("authorization"), "");
}

TEST_F(LoginTest, ARefreshTokenIsNotSentOnByARedirect) {
  const HttpServer elsewhere([](const ServedRequest&) -> ServedResponse { return {}; });
  credentials.credential = {};
  credentials.credential.identity_token = Secret("refresh-distinctive");
  credentials.credential.source = "docker config";
  grant = [&elsewhere](const ServedRequest&) -> ServedResponse {
    return {307, {{"Location", elsewhere.url() + "/token"}}, ""};
  };
  EXPECT_THAT(List(), HasSubstr("answered 307"));
  EXPECT_THAT(elsewhere.Requests(), IsEmpty());
}

// Servers that say back what they were told.
TEST_F(LoginTest, NoMessageRepeatsASecret) {
  const auto echo = [](const ServedRequest& request) -> ServedResponse {
    std::string login;
    const std::string sent = request.Header("authorization");
    if (!sent.empty()) absl::Base64Unescape(sent.substr(sent.find(' ') + 1), &login);
    return {401,
            {},
            fmt::format(R"({{"errors":[{{"code":"DENIED","message":"{} {} {}"}}]}})",
                        request.Header("authorization"), login, request.body)};
  };
  grant = echo;
  const std::string refused = List();
  EXPECT_THAT(refused, HasSubstr("DENIED"));
  EXPECT_THAT(refused, Not(HasSubstr(kPassword)));
  EXPECT_THAT(refused, Not(HasSubstr(absl::Base64Escape(fmt::format("me:{}", kPassword)))));

  credentials.credential = {};
  credentials.credential.identity_token = Secret("refresh-distinctive");
  credentials.credential.source = "docker config";
  const auto with_identity = MakeDistributionRegistry(*transport, credentials, {});
  const std::string identity =
      with_identity->ListTags({Repository::Kind::kDistribution, server.host(), "app"})
          .status()
          .ToString();
  EXPECT_THAT(identity, HasSubstr("DENIED"));
  EXPECT_THAT(identity, Not(HasSubstr("refresh-distinctive")));

  grant = [](const ServedRequest&) -> ServedResponse {
    return {200, {}, R"({"token":"token-distinctive"})"};
  };
  serve = [&, this](const ServedRequest& request) -> ServedResponse {
    if (request.Header("authorization").empty()) return Challenge(401, "");
    ServedResponse response = echo(request);
    response.status = 403;
    return response;
  };
  const auto anew = MakeDistributionRegistry(*transport, credentials, {});
  const std::string denied =
      anew->ListTags({Repository::Kind::kDistribution, server.host(), "app"}).status().ToString();
  EXPECT_THAT(denied, HasSubstr("DENIED"));
  EXPECT_THAT(denied, Not(HasSubstr("token-distinctive")));
}

TEST_F(LoginTest, WhoRefusedIsTold) {
  grant = [](const ServedRequest&) -> ServedResponse { return {403, {}, ""}; };
  EXPECT_THAT(List(), HasSubstr(fmt::format("the token server {} of {} refused the credentials",
                                            tokens.url(), server.host())));
}

TEST_F(LoginTest, ATokenServerThatIsNoneIsNotTakenForARefusal) {
  grant = [](const ServedRequest&) -> ServedResponse { return {404, {}, "<html>"}; };
  const std::string status = List();
  EXPECT_THAT(status, HasSubstr("token server"));
  EXPECT_THAT(status, HasSubstr("404"));
  EXPECT_THAT(status, Not(HasSubstr("wrong")));
}

class TlsTest : public testing::Test {
 protected:
  TlsTest() {
    credentials.credential.username = "me";
    credentials.credential.password = Secret(kPassword);
    credentials.credential.source = "docker config";
  }

  std::unique_ptr<Registry> At(const HttpServer& server) {
    return MakeDistributionRegistry(*transport, credentials,
                                    {.endpoints = {{"reg.example", server.url()}}});
  }

  const TestCertificate certificate;
  FixedCredential credentials;
  std::unique_ptr<Transport> transport =
      MakeCurlTransport({.ca_file = certificate.certificate_file()});
  const Repository app = {Repository::Kind::kDistribution, "reg.example", "acme/app"};
};

TEST_F(TlsTest, NoPasswordGoesToARealmWithoutIt) {
  const HttpServer plain([](const ServedRequest&) -> ServedResponse {
    return {200, {}, R"({"token":"good"})"};
  });
  const HttpServer server(
      [&plain](const ServedRequest&) -> ServedResponse {
        return {401,
                {{"WWW-Authenticate", fmt::format(R"(Bearer realm="{}/token")", plain.url())}},
                ""};
      },
      certificate);
  const absl::Status status = At(server)->ListTags(app).status();
  EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("without TLS"));
  EXPECT_THAT(plain.Requests(), IsEmpty());
}

TEST_F(TlsTest, BlobsComeFromStorageElsewhereWithoutCredentials) {
  const HttpServer storage(
      [](const ServedRequest&) -> ServedResponse {
        return {200, {}, "bytes"};
      },
      certificate);
  const HttpServer server(
      [&storage](const ServedRequest& request) -> ServedResponse {
        if (request.Header("authorization").empty()) {
          return {401, {{"WWW-Authenticate", "Basic realm=x"}}, ""};
        }
        return {307, {{"Location", storage.url() + "/blob?signature=x"}}, ""};
      },
      certificate);
  Descriptor blob;
  blob.digest = Digest::OfBytes("bytes");
  blob.size = 5;
  const auto registry = At(server);
  const auto reader = registry->GetBlob(app, blob);
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_EQ(ReadAll(**reader).value_or(""), "bytes");
  ASSERT_THAT(storage.Requests(), SizeIs(1));
  EXPECT_EQ(storage.Requests()[0].Header("authorization"), "");
}

TEST_F(TlsTest, AnUploadElsewhereInTheMachinesNetworkIsRefused) {
  const HttpServer storage(
      [](const ServedRequest&) -> ServedResponse {
        return {201, {}, ""};
      },
      certificate);
  const HttpServer server(
      [&storage](const ServedRequest&) -> ServedResponse {
        const std::string elsewhere = fmt::format("https://localhost:{}/up", storage.port());
        return {202, {{"Location", elsewhere}}, ""};
      },
      certificate);
  Descriptor blob;
  blob.digest = Digest::OfBytes("bytes");
  blob.size = 5;
  const auto registry = At(server);
  EXPECT_TRUE(absl::IsInvalidArgument(
      registry->PushBlob(app, blob, SourceOf("bytes"), {.known_absent = true}).status()));
  EXPECT_THAT(storage.Requests(), IsEmpty());
}

}  // namespace
}  // namespace imglife
