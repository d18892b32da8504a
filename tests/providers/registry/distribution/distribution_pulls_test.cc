// Docker Hub's limit on pulls.
#include "gmock/gmock.h"

#include "providers/http/curl_transport.h"
#include "providers/registry/distribution/pull_limit.h"
#include "tests/providers/registry/distribution/scripted_registry.h"
#include "tests/support/http_server.h"

namespace imglife {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr char kRefusal[] =
    R"({"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit"}]})";

using Headers = std::multimap<std::string, std::string>;

const Headers kSeventySix = {{"ratelimit-limit", "100;w=21600"},
                             {"ratelimit-remaining", "76;w=21600"}};

TEST(PullBudgetOf, ReadsBothHeaders) {
  const auto budget = PullBudgetOf(Answer(200, kSeventySix));
  ASSERT_TRUE(budget.has_value());
  EXPECT_EQ(budget->limit, 100);
  EXPECT_EQ(budget->remaining, 76);
  EXPECT_EQ(budget->window, absl::Hours(6));
}

TEST(PullBudgetOf, IsNothingWhereOneIsMissingOrStrange) {
  EXPECT_FALSE(PullBudgetOf(Answer(200)).has_value());
  EXPECT_FALSE(PullBudgetOf(Answer(200, {{"ratelimit-limit", "100;w=21600"}})).has_value());
  for (const char* value : {"", "76", "76;w=", ";w=21600", "-1;w=21600", "76;w=21600;x", "a;w=1",
                            "99999999999999999999;w=1", "76; w=21600"}) {
    const Headers headers = {{"ratelimit-limit", "100;w=21600"}, {"ratelimit-remaining", value}};
    EXPECT_FALSE(PullBudgetOf(Answer(200, headers)).has_value()) << value;
  }
}

TEST(IsPullLimit, TellsThePullLimitFromTooManyRequests) {
  EXPECT_TRUE(IsPullLimit(Answer(429, {}, kRefusal)));
  EXPECT_TRUE(IsPullLimit(
      Answer(429, {{"ratelimit-limit", "100;w=21600"}, {"ratelimit-remaining", "0;w=21600"}}, "")));
  EXPECT_FALSE(IsPullLimit(Answer(429, {}, "Too Many Requests")));
  EXPECT_FALSE(IsPullLimit(Answer(429, kSeventySix, "Too Many Requests")));
  EXPECT_FALSE(IsPullLimit(Answer(403, {}, kRefusal)));
}

class PullsTest : public ScriptedRegistryTest {
 protected:
  const Digest digest_ = Digest::OfBytes("{}");
};

TEST_F(PullsTest, TheBudgetIsReadFromAHead) {
  answer = [](const SentRequest&) { return Answer(200, kSeventySix); };
  const auto budget = registry().Budget(app, digest_);
  ASSERT_TRUE(budget.ok()) << budget.status();
  EXPECT_EQ((*budget)->remaining, 76);
  EXPECT_THAT(transport.Lines(),
              ElementsAre("HEAD https://reg.example/v2/acme/app/manifests/" + digest_.str()));
}

TEST_F(PullsTest, WhereNothingIsCountedThereIsNone) {
  answer = [](const SentRequest&) { return Answer(200); };
  const auto budget = registry().Budget(app, digest_);
  ASSERT_TRUE(budget.ok()) << budget.status();
  EXPECT_FALSE(budget->has_value());
  answer = [](const SentRequest&) { return Answer(503); };
  EXPECT_TRUE(absl::IsUnavailable(registry().Budget(app, digest_).status()));
}

TEST_F(PullsTest, ARefusalSaysWhenToComeBack) {
  answer = [](const SentRequest&) { return Answer(429, {{"retry-after", "5400"}}, kRefusal); };
  absl::Status refused = registry().GetManifest(app, "1").status();
  EXPECT_TRUE(absl::IsUnavailable(refused));
  EXPECT_THAT(std::string(refused.message()),
              AllOf(HasSubstr("reg.example/acme/app:1: the limit of pulls is reached (429)"),
                    HasSubstr("try again in 1h30m")));
  answer = [](const SentRequest&) {
    return Answer(429, {{"ratelimit-limit", "100;w=21600"}, {"ratelimit-remaining", "0;w=21600"}},
                  kRefusal);
  };
  refused = registry().GetManifest(app, "1").status();
  EXPECT_THAT(std::string(refused.message()), HasSubstr("100 pulls may be made within 6h"));
  answer = [](const SentRequest&) { return Answer(429, {}, kRefusal); };
  refused = registry().GetManifest(app, "1").status();
  EXPECT_THAT(std::string(refused.message()), HasSubstr("try again in some hours"));
}

// Answers as a registry that wants a token, and refuses pulls also with one.
HttpResponse RefuseWithToken(const SentRequest& request) {
  if (request.url.starts_with("https://auth.example/")) return Answer(200, {}, R"({"token":"t"})");
  if (!request.authorization.empty()) return Answer(429, {}, kRefusal);
  return Answer(401, {{"www-authenticate", R"(Bearer realm="https://auth.example/token")"}});
}

TEST_F(PullsTest, ARefusalAdvisesWhoIsLoggedInToTakeAnotherAccount) {
  answer = RefuseWithToken;
  LogIn();
  const absl::Status refused = registry().GetManifest(app, "1").status();
  EXPECT_TRUE(absl::IsUnavailable(refused));
  EXPECT_THAT(std::string(refused.message()),
              AllOf(HasSubstr("what the credentials from docker config are allowed"),
                    HasSubstr("IMGLIFE_REG_EXAMPLE_USERNAME"),
                    HasSubstr("of an account that is allowed more")));
}

TEST_F(PullsTest, ARefusalAdvisesWhoIsNotLoggedInToLogIn) {
  answer = RefuseWithToken;
  EXPECT_THAT(std::string(registry().GetManifest(app, "1").status().message()),
              HasSubstr("accounts are allowed more: set IMGLIFE_REG_EXAMPLE_USERNAME and "
                        "IMGLIFE_REG_EXAMPLE_PASSWORD"));
}

// A mirror pulls with an account of its own.
TEST_F(PullsTest, ARefusalThatAskedForNoLoginAdvisesNone) {
  answer = [](const SentRequest&) { return Answer(429, {}, kRefusal); };
  LogIn();
  EXPECT_THAT(std::string(registry().GetManifest(app, "1").status().message()),
              HasSubstr("it asks for no login, so IMGLIFE_REG_EXAMPLE_USERNAME changes nothing"));
}

// On the real transport, which retries every other 429.
TEST(PullLimit, IsNotAskedAgainAndKeepsNobodyWaiting) {
  HttpServer server([](const ServedRequest& request) -> ServedResponse {
    if (request.method == "GET") return {429, {{"Retry-After", "7200"}}, kRefusal};
    return {200,
            {{"Docker-Content-Digest", Digest::OfBytes("{}").str()},
             {"Content-Type", "application/vnd.oci.image.manifest.v1+json"}},
            "{}"};
  });
  const auto transport = MakeCurlTransport({});
  FixedCredential nobody;
  const auto registry = MakeDistributionRegistry(*transport, nobody, {});
  const Repository app = {Repository::Kind::kDistribution, server.host(), "acme/app"};
  EXPECT_THAT(std::string(registry->GetManifest(app, "1").status().message()),
              HasSubstr("try again in 2h"));
  EXPECT_TRUE(registry->Resolve(app, "1").ok()) << "a HEAD is no pull";
  EXPECT_THAT(server.Requests(), SizeIs(2));
}

}  // namespace
}  // namespace imglife
