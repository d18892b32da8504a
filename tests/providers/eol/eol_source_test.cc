#include <map>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "providers/eol/eol_sources.h"
#include "tests/support/scripted_transport.h"

namespace imglife {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kV1Go[] = R"({"result":{"releases":[{"name":"1.27","isEol":false}]}})";
constexpr char kV0Go[] = R"([{"cycle":"1.26","eol":true}])";
constexpr char kHtml[] = "<!DOCTYPE html><title>Page not found</title>";

// Answers by path; 404 with HTML otherwise.
class Site {
 public:
  void Has(const std::string& path, int status, std::string body) {
    answers_["https://eol.test" + path] = Answer(status, {}, std::move(body));
  }
  void Fail(absl::Status failure) { failure_ = std::move(failure); }

  Transport& transport() { return transport_; }
  std::vector<SentRequest> Requests() const { return transport_.Requests(); }
  std::vector<std::string> Lines() const { return transport_.Lines(); }

 private:
  absl::StatusOr<HttpResponse> Serve(const SentRequest& request) const {
    if (!failure_.ok()) return failure_;
    const auto found = answers_.find(request.url);
    return found == answers_.end() ? Answer(404, {}, kHtml) : found->second;
  }

  std::map<std::string, HttpResponse> answers_;
  absl::Status failure_;
  ScriptedTransport transport_{[this](const SentRequest& request) { return Serve(request); }};
};

class EndOfLifeSourceTest : public ::testing::Test {
 protected:
  absl::StatusOr<EolCycles> Fetch(const std::string& product) { return source_->Fetch(product); }
  std::string FirstCycle(const std::string& product) {
    const absl::StatusOr<EolCycles> cycles = Fetch(product);
    EXPECT_TRUE(cycles.ok()) << cycles.status();
    return cycles.ok() && !cycles->empty() ? cycles->front().cycle : "";
  }

  Site site_;
  std::unique_ptr<EolSource> source_ = MakeEndOfLifeSource(site_.transport(), "https://eol.test/");
};

TEST_F(EndOfLifeSourceTest, AsksApiV1Only) {
  site_.Has("/api/v1/products/go/", 200, kV1Go);
  EXPECT_EQ(FirstCycle("go"), "1.27");
  ASSERT_THAT(site_.Lines(), ElementsAre("GET https://eol.test/api/v1/products/go/"));
  const SentRequest request = site_.Requests().front();
  EXPECT_TRUE(request.follow_redirects);
  EXPECT_EQ(request.Header("accept"), "application/json");
}

TEST_F(EndOfLifeSourceTest, TakesTheOlderApiWhereV1IsMissing) {
  site_.Has("/api/go.json", 200, kV0Go);
  EXPECT_EQ(FirstCycle("go"), "1.26");
  EXPECT_THAT(site_.Lines(), ElementsAre("GET https://eol.test/api/v1/products/go/",
                                         "GET https://eol.test/api/go.json"));
}

TEST_F(EndOfLifeSourceTest, TakesTheOlderApiWhereV1HasAnotherForm) {
  site_.Has("/api/v1/products/go/", 200, R"({"result":{"cycles":[]}})");
  site_.Has("/api/go.json", 200, kV0Go);
  EXPECT_EQ(FirstCycle("go"), "1.26");
}

TEST_F(EndOfLifeSourceTest, SaysWhatIsWrongWithV1WhereThereIsNothingElse) {
  site_.Has("/api/v1/products/go/", 200, R"({"result":{"cycles":[]}})");
  const absl::Status status = Fetch("go").status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("`result.releases`"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("https://eol.test/api/v1/products/go/"));
}

TEST_F(EndOfLifeSourceTest, AProductWithoutCyclesIsAnError) {
  site_.Has("/api/v1/products/go/", 200, R"({"result":{"releases":[]}})");
  site_.Has("/api/node.json", 200, "[]");
  for (const std::string product : {"go", "node"}) {
    const absl::Status status = Fetch(product).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    EXPECT_THAT(std::string(status.message()),
                HasSubstr("https://eol.test lists no cycles for " + product));
  }
}

TEST_F(EndOfLifeSourceTest, RefusesTheAnswerForAnotherProduct) {
  site_.Has("/api/v1/products/go/", 200,
            R"({"result":{"name":"debian","releases":[{"name":"13"}]}})");
  site_.Has("/api/go.json", 200, kV0Go);
  const absl::Status status = Fetch("go").status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("https://eol.test/api/v1/products/go/ is that of another product: it is "
                        "about debian, not about go"));
}

TEST_F(EndOfLifeSourceTest, RefusesAPageThatIsNoDocument) {
  site_.Has("/api/v1/products/go/", 200, kHtml);
  site_.Has("/api/go.json", 200, kHtml);
  EXPECT_TRUE(absl::IsInvalidArgument(Fetch("go").status()));
}

TEST_F(EndOfLifeSourceTest, SuggestsNamesAndAliasesForAnUnknownProduct) {
  site_.Has("/api/v1/products/", 200,
            R"({"result":[{"name":"alpine-linux","aliases":["alpine"]},{"name":"debian"}]})");
  const absl::Status status = Fetch("alpin").status();
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("\"alpin\""));
  EXPECT_THAT(std::string(status.message()), HasSubstr("did you mean alpine?"));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("<")));
}

TEST_F(EndOfLifeSourceTest, FindsNamesInTheOlderListToo) {
  site_.Has("/api/all.json", 200, R"(["debian","ubuntu"])");
  EXPECT_THAT(std::string(Fetch("debain").status().message()), HasSubstr("did you mean debian?"));
}

TEST_F(EndOfLifeSourceTest, AsksForTheListOnce) {
  site_.Has("/api/v1/products/", 200, R"({"result":[{"name":"debian"}]})");
  EXPECT_TRUE(absl::IsNotFound(Fetch("debain").status()));
  EXPECT_TRUE(absl::IsNotFound(Fetch("debiann").status()));
  EXPECT_THAT(site_.Lines(), Contains("GET https://eol.test/api/v1/products/").Times(1));
}

TEST_F(EndOfLifeSourceTest, IsUnknownWithoutSuggestionWhereThereIsNoList) {
  const absl::Status status = Fetch("nix").status();
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("did you mean")));
}

TEST_F(EndOfLifeSourceTest, NeverAsksForANameThatIsAnotherPath) {
  for (const std::string name :
       {"", ".", "..", ".go", "a/b", "a b", "go?x", "go#", "%2e", "g\u00f6"}) {
    EXPECT_TRUE(absl::IsNotFound(Fetch(name).status())) << name;
  }
  EXPECT_TRUE(absl::IsNotFound(Fetch(std::string(129, 'a')).status()));
  EXPECT_THAT(site_.Lines(), ElementsAre("GET https://eol.test/api/v1/products/",
                                         "GET https://eol.test/api/all.json"));
}

TEST_F(EndOfLifeSourceTest, AsksForEveryNameThatTheConfigurationMayHave) {
  site_.Has("/api/v1/products/c++/", 200, kV1Go);
  EXPECT_EQ(FirstCycle("c++"), "1.27");
}

TEST_F(EndOfLifeSourceTest, DoesNotTakeAnOutageForAnAnswer) {
  site_.Has("/api/go.json", 200, kV0Go);
  for (const int code : {429, 500, 502, 503}) {
    site_.Has("/api/v1/products/go/", code, kHtml);
    EXPECT_TRUE(absl::IsUnavailable(Fetch("go").status())) << code;
  }
}

TEST_F(EndOfLifeSourceTest, SaysWhenItIsRefused) {
  site_.Has("/api/v1/products/go/", 403, "");
  EXPECT_TRUE(absl::IsPermissionDenied(Fetch("go").status()));
  site_.Has("/api/v1/products/go/", 401, "");
  EXPECT_TRUE(absl::IsUnauthenticated(Fetch("go").status()));
}

TEST_F(EndOfLifeSourceTest, PassesOnThatItCouldNotAsk) {
  site_.Fail(absl::UnavailableError("no route to eol.test"));
  const absl::Status status = Fetch("go").status();
  EXPECT_TRUE(absl::IsUnavailable(status));
  EXPECT_THAT(site_.Lines(), ElementsAre("GET https://eol.test/api/v1/products/go/"));
}

TEST(LocalEolSource, HasWhatTheFileHas) {
  EolCycle cycle;
  cycle.cycle = "3.22";
  EolData data;
  data.products["alpine"] = {cycle};
  const std::unique_ptr<EolSource> source = MakeLocalEolSource(data);
  const absl::StatusOr<EolCycles> cycles = source->Fetch("alpine");
  ASSERT_TRUE(cycles.ok()) << cycles.status();
  EXPECT_TRUE(*cycles == EolCycles{cycle});

  const absl::Status status = source->Fetch("alpin").status();
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("did you mean alpine?"));
}

TEST(LocalEolSource, AProductWithoutCyclesIsAnError) {
  EolData data;
  data.products["alpine"] = {};
  const absl::Status status = MakeLocalEolSource(data)->Fetch("alpine").status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("no cycles for alpine"));
}

}  // namespace
}  // namespace imglife
