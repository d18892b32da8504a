#include "providers/auth/authorizer.h"

#include "absl/status/status.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/scripted_transport.h"

namespace imglife {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kChallenge[] =
    R"(Bearer realm="https://auth.example/token?k=1",service="reg",scope="repository:app:pull")";

class OneCredential : public CredentialSource {
 public:
  absl::StatusOr<Credential> For(const std::string& host) override {
    hosts.push_back(host);
    return credential;
  }
  Credential credential;
  std::vector<std::string> hosts;
};

HttpResponse Challenged(const std::string& header, int status = 401) {
  return Answer(status, {{"www-authenticate", header}});
}

class AuthorizerTest : public testing::Test {
 protected:
  AuthorizerTest() { credentials_.credential.source = "anonymous"; }

  void LogIn() {
    credentials_.credential.username = "me";
    credentials_.credential.password = Secret("pass");
    credentials_.credential.source = "docker config";
  }

  Access For(Scopes scopes) const {
    return {"reg.example", *ParseUrl("https://reg.example/"), std::move(scopes)};
  }

  std::string After(const HttpResponse& response, const std::string& sent = "", bool last = false) {
    const absl::StatusOr<Secret> value =
        authorizer_.After(For(PullScope("app")), response, Secret(sent), last);
    return value.ok() ? value->Reveal() : value.status().ToString();
  }

  OneCredential credentials_;
  absl::Time now_ = absl::FromUnixSeconds(1000000);
  int tokens_ = 0;
  std::string token_extra_ = R"(,"expires_in":300)";
  ScriptedTransport transport_{[this](const SentRequest&) -> absl::StatusOr<HttpResponse> {
    return Answer(200, {},
                  R"({"token":"t)" + std::to_string(++tokens_) + R"(")" + token_extra_ + "}");
  }};
  Authorizer authorizer_{transport_, credentials_, [this] { return now_; }};
};

TEST_F(AuthorizerTest, SendsNothingBeforeAChallenge) {
  LogIn();
  const absl::StatusOr<Secret> value = authorizer_.Before(For(PullScope("app")));
  ASSERT_TRUE(value.ok());
  EXPECT_TRUE(value->empty());
  EXPECT_TRUE(credentials_.hosts.empty());
}

TEST_F(AuthorizerTest, GetsATokenForTheScopes) {
  LogIn();
  EXPECT_EQ(After(Challenged(kChallenge)), "Bearer t1");
  ASSERT_EQ(transport_.Requests().size(), 1u);
  const SentRequest request = transport_.Requests().front();
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.url,
            "https://auth.example/token?k=1&service=reg&scope=repository%3Aapp%3Apull"
            "&client_id=imglife&account=me");
  EXPECT_EQ(request.authorization, "Basic bWU6cGFzcw==");
}

TEST_F(AuthorizerTest, AnonymousAsksWithoutCredentials) {
  EXPECT_EQ(After(Challenged(kChallenge)), "Bearer t1");
  EXPECT_EQ(transport_.Requests().front().authorization, "");
  EXPECT_THAT(transport_.Requests().front().url, Not(HasSubstr("account")));
}

TEST_F(AuthorizerTest, LaterRequestsAreAuthorizedInAdvance) {
  EXPECT_EQ(After(Challenged(kChallenge)), "Bearer t1");
  EXPECT_EQ(authorizer_.Before(For(PullScope("app")))->Reveal(), "Bearer t1");
  EXPECT_EQ(authorizer_.Before(For(PullScope("other")))->Reveal(), "Bearer t2");
  EXPECT_THAT(transport_.Requests().back().url, HasSubstr("repository%3Aother%3Apull"));
}

TEST_F(AuthorizerTest, EachScopeIsAParameterAndThePushComesFirst) {
  Scopes scopes = PushScope("dst");
  scopes.push_back("repository:src:pull");
  ASSERT_TRUE(authorizer_
                  .After(For(scopes), Challenged(R"(Bearer realm="https://auth.example/t")"),
                         Secret(), false)
                  .ok());
  EXPECT_THAT(transport_.Requests().front().url,
              HasSubstr("?scope=repository%3Adst%3Apull%2Cpush&scope=repository%3Asrc%3Apull&"));
}

TEST_F(AuthorizerTest, AMissingLifetimeIsAMinute) {
  token_extra_ = "";
  EXPECT_EQ(After(Challenged(kChallenge)), "Bearer t1");
  now_ += absl::Seconds(50);
  EXPECT_EQ(authorizer_.Before(For(PullScope("app")))->Reveal(), "Bearer t1");
  now_ += absl::Seconds(10);
  EXPECT_EQ(authorizer_.Before(For(PullScope("app")))->Reveal(), "Bearer t2");
}

TEST_F(AuthorizerTest, ATokenLivesAsLongAsItIsGranted) {
  EXPECT_EQ(After(Challenged(kChallenge)), "Bearer t1");
  now_ += absl::Seconds(200);
  EXPECT_EQ(authorizer_.Before(For(PullScope("app")))->Reveal(), "Bearer t1");
  token_extra_ = R"(,"expires_in":20)";
  now_ += absl::Seconds(100);
  EXPECT_EQ(authorizer_.Before(For(PullScope("app")))->Reveal(), "Bearer t2");
  now_ += absl::Seconds(20);
  EXPECT_EQ(authorizer_.Before(For(PullScope("app")))->Reveal(), "Bearer t3");
}

// Whoever names another registry's realm gets no token that was made for that one.
TEST_F(AuthorizerTest, ATokenIsForOneHost) {
  EXPECT_EQ(After(Challenged(kChallenge)), "Bearer t1");
  Access elsewhere = For(PullScope("app"));
  elsewhere.host = "evil.example";
  elsewhere.api = *ParseUrl("https://evil.example/");
  const absl::StatusOr<Secret> token =
      authorizer_.After(elsewhere, Challenged(kChallenge), Secret(), false);
  ASSERT_TRUE(token.ok()) << token.status();
  EXPECT_EQ(token->Reveal(), "Bearer t2");
  EXPECT_THAT(credentials_.hosts, ElementsAre("reg.example", "evil.example"));
}

TEST_F(AuthorizerTest, ARefusedTokenIsReplacedOnce) {
  EXPECT_EQ(After(Challenged(kChallenge)), "Bearer t1");
  EXPECT_EQ(After(Challenged(kChallenge), "Bearer t1"), "Bearer t2");
  LogIn();
  const std::string final = After(Challenged(kChallenge), "Bearer t2", true);
  EXPECT_THAT(final, HasSubstr("UNAUTHENTICATED"));
  EXPECT_THAT(final, HasSubstr("IMGLIFE_REG_EXAMPLE_USERNAME"));
}

TEST_F(AuthorizerTest, MoreScopeIsAskedForEvenTheLastTimeAndRemembered) {
  EXPECT_EQ(After(Challenged(kChallenge)), "Bearer t1");
  const HttpResponse more = Challenged(
      R"(Bearer realm="https://auth.example/token",service="reg",error="insufficient_scope",)"
      R"(scope="repository:app:pull,delete")",
      403);
  EXPECT_TRUE(Authorizer::IsChallenge(more));
  EXPECT_EQ(After(more, "Bearer t1", true), "Bearer t2");
  EXPECT_THAT(transport_.Requests().back().url, HasSubstr("repository%3Aapp%3Apull%2Cdelete"));
  EXPECT_EQ(authorizer_.Before(For(PullScope("app")))->Reveal(), "Bearer t2");
  EXPECT_THAT(After(more, "Bearer t2", true), HasSubstr("PERMISSION_DENIED"));
}

TEST_F(AuthorizerTest, APlain403IsNoChallenge) {
  EXPECT_FALSE(Authorizer::IsChallenge(Answer(403)));
  EXPECT_FALSE(Authorizer::IsChallenge(Challenged(kChallenge, 403)));
  EXPECT_TRUE(Authorizer::IsChallenge(Answer(401)));
}

TEST_F(AuthorizerTest, BasicIsTriedOnce) {
  LogIn();
  EXPECT_EQ(After(Challenged(R"(Basic realm="x")")), "Basic bWU6cGFzcw==");
  EXPECT_EQ(authorizer_.Before(For(PullScope("app")))->Reveal(), "Basic bWU6cGFzcw==");
  const std::string final = After(Challenged(R"(Basic realm="x")"), "Basic bWU6cGFzcw==");
  EXPECT_THAT(final, HasSubstr("docker config"));
  EXPECT_THAT(final, Not(HasSubstr("pass")));
  EXPECT_TRUE(transport_.Requests().empty());
}

TEST_F(AuthorizerTest, BasicWithoutCredentialsSaysWhatToSet) {
  const std::string final = After(Challenged("Basic"));
  EXPECT_THAT(final, HasSubstr("UNAUTHENTICATED"));
  EXPECT_THAT(final, HasSubstr("IMGLIFE_REG_EXAMPLE_PASSWORD"));
}

TEST_F(AuthorizerTest, AGivenBearerTokenIsSentAsItIs) {
  credentials_.credential.bearer_token = Secret("given");
  credentials_.credential.source = "IMGLIFE_REG_EXAMPLE_TOKEN";
  EXPECT_EQ(After(Challenged(kChallenge)), "Bearer given");
  EXPECT_TRUE(transport_.Requests().empty());
  EXPECT_THAT(After(Challenged(kChallenge), "Bearer given"),
              HasSubstr("IMGLIFE_REG_EXAMPLE_TOKEN"));
}

TEST_F(AuthorizerTest, AnIdentityTokenIsExchanged) {
  credentials_.credential.identity_token = Secret("re fresh");
  EXPECT_EQ(After(Challenged(kChallenge)), "Bearer t1");
  const SentRequest request = transport_.Requests().front();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "https://auth.example/token?k=1");
  EXPECT_EQ(request.authorization, "");
  EXPECT_EQ(request.Header("content-type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(request.body,
            "grant_type=refresh_token&service=reg&client_id=imglife"
            "&scope=repository%3Aapp%3Apull&refresh_token=re%20fresh");
}

TEST_F(AuthorizerTest, ARealmWithoutTlsIsRefused) {
  LogIn();
  EXPECT_THAT(After(Challenged(R"(Bearer realm="http://auth.example/token")")),
              HasSubstr("without TLS"));
  EXPECT_TRUE(transport_.Requests().empty());
}

TEST_F(AuthorizerTest, ARealmMayBeRelative) {
  EXPECT_EQ(After(Challenged(R"(Bearer realm="/auth/token",service=reg)")), "Bearer t1");
  EXPECT_THAT(transport_.Requests().front().url, HasSubstr("https://reg.example/auth/token?"));
}

TEST_F(AuthorizerTest, UnknownMethodsAreAnError) {
  EXPECT_THAT(After(Challenged("Negotiate")), HasSubstr("Basic, Bearer"));
  EXPECT_THAT(After(Answer(401)), HasSubstr("Basic, Bearer"));
  EXPECT_THAT(After(Challenged("Bearer service=x")), HasSubstr("realm"));
}

TEST_F(AuthorizerTest, OneOfSeveralHeadersIsEnough) {
  HttpResponse response = Challenged("Negotiate");
  response.headers.emplace("www-authenticate", kChallenge);
  EXPECT_EQ(After(response), "Bearer t1");
}

class TokenServerTest : public AuthorizerTest {
 protected:
  std::string AfterAnswer(HttpResponse answer) {
    ScriptedTransport transport(
        [answer](const SentRequest&) -> absl::StatusOr<HttpResponse> { return answer; });
    Authorizer authorizer(transport, credentials_, [this] { return now_; });
    const absl::StatusOr<Secret> value =
        authorizer.After(For(PullScope("app")), Challenged(kChallenge), Secret(), false);
    return value.ok() ? value->Reveal() : value.status().ToString();
  }
};

TEST_F(TokenServerTest, BothNamesOfATokenCount) {
  EXPECT_EQ(AfterAnswer(Answer(200, {}, R"({"access_token":"x"})")), "Bearer x");
  EXPECT_EQ(AfterAnswer(Answer(200, {}, R"({"token":"","access_token":"x"})")), "Bearer x");
}

TEST_F(TokenServerTest, AnswersWithoutAUsableTokenAreErrors) {
  for (const char* body : {"", "[]", "{}", R"({"token":3})", R"({"token":""})",
                           R"({"token":"a\r\nX-Evil: 1"})", R"({"token":"a b"})"}) {
    EXPECT_THAT(AfterAnswer(Answer(200, {}, body)), HasSubstr("INVALID_ARGUMENT")) << body;
  }
}

TEST_F(TokenServerTest, ARefusalNamesTheSource) {
  LogIn();
  const std::string refused = AfterAnswer(Answer(401, {}, R"({"details":"incorrect password"})"));
  EXPECT_THAT(refused, HasSubstr("UNAUTHENTICATED"));
  EXPECT_THAT(refused, HasSubstr("docker config"));
  EXPECT_THAT(refused, HasSubstr("incorrect password"));
}

TEST_F(TokenServerTest, ATroubledServerIsUnavailable) {
  EXPECT_THAT(AfterAnswer(Answer(503)), HasSubstr("UNAVAILABLE"));
  EXPECT_THAT(AfterAnswer(Answer(429)), HasSubstr("UNAVAILABLE"));
}

}  // namespace
}  // namespace imglife
