// docker.io as a source: a real registry in its place, with Docker Hub's own API and its limit on
// pulls played by scripts.
#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/end_to_end/registries_fixture.h"
#include "tests/end_to_end/registry_front.h"
#include "tests/support/http_server.h"

namespace imglife {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;
using testing::UnorderedElementsAre;
using Json = nlohmann::json;

constexpr char kRefusal[] =
    R"({"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your unauthenticated pull rate limit."}]})";

// A registry that counts pulls as Docker Hub does: each GET of a manifest is one.
class CountingFront {
 public:
  CountingFront(const DockerRegistry& registry, int allowed)
      : left_(allowed),
        front_(registry.url(), [this](const ServedRequest& request) { return Serve(request); }) {}

  std::string url() const { return front_.url(); }
  int left() const { return left_; }

 private:
  std::optional<ServedResponse> Serve(const ServedRequest& request) {
    const bool manifest = request.path.find("/manifests/") != std::string::npos;
    if (!manifest) return std::nullopt;
    if (request.method == "GET" && --left_ < 0) {
      ++left_;
      return ServedResponse{429, {{"Retry-After", "5400"}}, kRefusal};
    }
    ServedResponse answer = front_.Forward(request);
    answer.headers.emplace("RateLimit-Limit", "100;w=21600");
    answer.headers.emplace("RateLimit-Remaining", fmt::format("{};w=21600", left_.load()));
    return answer;
  }

  std::atomic<int> left_;
  RegistryFront front_;
};

class DockerHubTest : public RegistriesTest {
 protected:
  struct HubTag {
    std::string pushed;
    std::string digest;
  };

  DockerHubTest()
      : hub_([this](const ServedRequest& request) {
          return hub_answer_ ? hub_answer_(request) : Page();
        }) {
    environment_["IMGLIFE_REGISTRY_ENDPOINT_DOCKER_IO"] = upstream_.url();
    environment_["IMGLIFE_DOCKER_HUB_URL"] = hub_.url();
  }

  // A tag that both the registry and its API have.
  TestImage PushWithDate(const std::string& tag, const std::string& pushed) {
    TestImage image = Push(upstream_, "library/alpine", tag);
    hub_tags_[tag] = {pushed, image.manifest.digest.str()};
    return image;
  }

  void ConfigureMirror(const std::string& more) {
    Configure("sync:\n  entries:\n    - source: alpine\n      target: $PRIVATE/mirrors/alpine\n" +
              more);
  }

  ServedResponse Page() const {
    Json results = Json::array();
    for (const auto& [name, tag] : hub_tags_) {
      results.push_back({{"name", name},
                         {"digest", tag.digest},
                         {"tag_last_pushed", tag.pushed},
                         {"images", Json::array()}});
    }
    return {200,
            {{"X-RateLimit-Limit", "180"}, {"X-RateLimit-Remaining", "179"}},
            Json{{"count", results.size()}, {"next", nullptr}, {"results", results}}.dump()};
  }

  // With nothing at hand that an earlier run has read.
  void OnAnotherMachine() { environment_["XDG_CACHE_HOME"] = Path("another-cache"); }

  std::string Read(const std::string& name) const { return ReadFile(Path(name)).value_or(""); }

  std::map<std::string, HubTag> hub_tags_;
  std::function<ServedResponse(const ServedRequest&)> hub_answer_;
  HttpServer hub_;
};

TEST_F(DockerHubTest, KeepLastChoosesAmongWordsByTheDateOfTheirPush) {
  PushWithDate("edge", "2026-03-01T00:00:00.000001Z");
  PushWithDate("latest", "2026-01-01T00:00:00Z");
  PushWithDate("main", "2026-02-01T00:00:00Z");
  ConfigureMirror("      tag_regex: '.'\n      keep_last: 2\n");
  EXPECT_THAT(Run({"sync"}), ExitsWith(0));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("edge", "main"));
  EXPECT_THAT(hub_.Lines(),
              ElementsAre("GET /v2/namespaces/library/repositories/alpine/tags?page_size=100"));
  const ImglifeRun again = Run({"plan", "--detailed-exitcode"});
  EXPECT_THAT(again, ExitsWith(0));
  EXPECT_EQ(again.out, kNoChanges);
}

TEST_F(DockerHubTest, WithoutDatesTheEntryIsAnErrorAndNotAnotherChoice) {
  PushWithDate("edge", "2026-03-01T00:00:00Z");
  PushWithDate("latest", "2026-01-01T00:00:00Z");
  ConfigureMirror("      tag_regex: '.'\n      keep_last: 1\n");
  hub_answer_ = [](const ServedRequest&) { return ServedResponse{404, {}, "{}"}; };
  const ImglifeRun refused = Run({"sync"});
  EXPECT_THAT(refused, ExitsWith(1));
  EXPECT_THAT(refused.err, AllOf(HasSubstr("imglife.yaml:3:"), HasSubstr("'edge'"),
                                 HasSubstr("404"), HasSubstr("narrow tag_regex")));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), IsEmpty());

  hub_answer_ = nullptr;
  hub_tags_.erase("latest");
  EXPECT_THAT(Run({"sync"}), ExitsWith(1)) << "a date is missing";
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), IsEmpty());
}

TEST_F(DockerHubTest, AMirrorOfDockerHubIsSpokenToAlone) {
  environment_.erase("IMGLIFE_DOCKER_HUB_URL");
  // Nothing but the mirror can be reached.
  environment_["HTTPS_PROXY"] = hub_.url();
  PushWithDate("edge", "2026-03-01T00:00:00Z");
  PushWithDate("latest", "2026-01-01T00:00:00Z");
  PushWithDate("3.1", "2026-01-01T00:00:00Z");
  ConfigureMirror("      tag_regex: '.'\n      keep_last: 2\n");
  const ImglifeRun refused = Run({"plan"});
  EXPECT_THAT(refused, ExitsWith(1));
  EXPECT_THAT(refused.out, HasSubstr("IMGLIFE_DOCKER_HUB_URL"));
  ConfigureMirror("      tag_regex: '.'\n      check_digest: true\n");
  EXPECT_THAT(Run({"sync"}), ExitsWith(0));
  EXPECT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(0));
  EXPECT_THAT(hub_.Requests(), IsEmpty());
}

TEST_F(DockerHubTest, VersionsNeedNoDates) {
  PushWithDate("3.1", "2026-03-01T00:00:00Z");
  PushWithDate("3.2", "2026-01-01T00:00:00Z");
  PushWithDate("edge", "2026-01-01T00:00:00Z");
  ConfigureMirror("      tag_regex: '.'\n      keep_last: 1\n");
  EXPECT_THAT(Run({"sync"}), ExitsWith(0));
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.2"));
  ForgetRequests();
  EXPECT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(0));
  EXPECT_THAT(NewRequests(upstream_), ElementsAre(StartsWith("GET /v2/library/alpine/tags/list")));
  EXPECT_THAT(NewRequests(private_), ElementsAre(StartsWith("GET /v2/mirrors/alpine/tags/list")));
  EXPECT_THAT(hub_.Requests(), IsEmpty());
}

TEST_F(DockerHubTest, OneListOfDigestsTakesThePlaceOfHeads) {
  for (const char* tag : {"3.1", "3.2", "3.3"}) PushWithDate(tag, "2026-01-01T00:00:00Z");
  ConfigureMirror("      tag_regex: '.'\n      check_digest: true\n");
  ASSERT_THAT(Run({"sync"}), ExitsWith(0));
  ForgetRequests();
  const std::size_t asked = hub_.Requests().size();

  EXPECT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(0));
  EXPECT_THAT(NewRequests(upstream_), ElementsAre(StartsWith("GET /v2/library/alpine/tags/list")));
  EXPECT_THAT(NewRequests(private_), SizeIs(4)) << "a list, and a HEAD each";
  EXPECT_THAT(hub_.Requests(), SizeIs(asked + 1));

  // What moved is asked of the registry itself, and nothing else is.
  PushWithDate("3.2", "2026-05-01T00:00:00Z");
  const TestImage moved = Push(upstream_, "library/alpine", "3.2", Image("moved"));
  ForgetRequests();
  const ImglifeRun plan = Run({"plan", "--detailed-exitcode"});
  hub_tags_["3.2"].digest = moved.manifest.digest.str();
  const ImglifeRun later = Run({"plan", "--detailed-exitcode"});
  EXPECT_THAT(plan, ExitsWith(0)) << "the API is behind: it still tells what the mirror has";
  EXPECT_THAT(later, ExitsWith(2));
  EXPECT_THAT(later.out, HasSubstr("upstream moved"));
  EXPECT_THAT(NewRequests(upstream_),
              AllOf(Contains("HEAD /v2/library/alpine/manifests/3.2 200"),
                    Not(Contains(HasSubstr("/manifests/3.1"))),
                    Not(Contains(StartsWith("GET /v2/library/alpine/manifests")))))
      << "freshness costs no pull";
}

TEST_F(DockerHubTest, AnApiThatIsBehindNeverTurnsAMirrorBack) {
  for (const char* tag : {"3.1", "3.2", "3.3"}) PushWithDate(tag, "2026-01-01T00:00:00Z");
  ConfigureMirror("      tag_regex: '.'\n      check_digest: true\n");
  // The API still tells what 3.2 was before.
  const TestImage moved = Push(upstream_, "library/alpine", "3.2", Image("moved"));
  ASSERT_THAT(Run({"sync"}), ExitsWith(0));
  EXPECT_EQ(DigestOf(private_, "mirrors/alpine", "3.2"), moved.manifest.digest.str());
  const ImglifeRun again = Run({"plan", "--detailed-exitcode"});
  EXPECT_THAT(again, ExitsWith(0));
  EXPECT_EQ(again.out, kNoChanges);
}

TEST_F(DockerHubTest, WithoutTheApiEachDigestIsAHead) {
  for (const char* tag : {"3.1", "3.2", "3.3"}) PushWithDate(tag, "2026-01-01T00:00:00Z");
  ConfigureMirror("      tag_regex: '.'\n      check_digest: true\n");
  ASSERT_THAT(Run({"sync"}), ExitsWith(0));
  hub_answer_ = [](const ServedRequest&) { return ServedResponse{403, {}, "{}"}; };
  ForgetRequests();
  EXPECT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(0));
  EXPECT_THAT(NewRequests(upstream_),
              UnorderedElementsAre(StartsWith("GET /v2/library/alpine/tags/list"),
                                   "HEAD /v2/library/alpine/manifests/3.1 200",
                                   "HEAD /v2/library/alpine/manifests/3.2 200",
                                   "HEAD /v2/library/alpine/manifests/3.3 200"));
}

TEST_F(DockerHubTest, ThePlanSaysWhatItsCopiesTakeOfTheCountedPulls) {
  for (const char* tag : {"3.1", "3.2"}) PushWithDate(tag, "2026-01-01T00:00:00Z");
  CountingFront front(upstream_, 76);
  environment_["IMGLIFE_REGISTRY_ENDPOINT_DOCKER_IO"] = front.url();
  ConfigureMirror("      tag_regex: '.'\n");
  const ImglifeRun plan = Run({"plan", "--out", "plan.json", "--markdown", "plan.md"});
  ASSERT_THAT(plan, ExitsWith(0));
  // Planning itself has read both images: an index and two platforms each.
  const std::string line =
      "docker.io: these copies take up to 6 pulls; 70 of 100 are left (within 6h).";
  EXPECT_THAT(plan.out, HasSubstr("\n" + line + "\nPlan: 2 to add, 0 to change, 0 to destroy.\n"));
  EXPECT_THAT(Read("plan.md"), HasSubstr("these copies take up to 6 pulls; 70 of 100 are left"));
  EXPECT_EQ(Json::parse(Read("plan.json"))["pulls"],
            Json::parse(R"({"registry":"docker.io","needed":6,"at_least":false,"remaining":70,
                            "limit":100,"window_seconds":21600})"));
  EXPECT_EQ(Run({"show", "plan.json"}).out, plan.out);

  OnAnotherMachine();
  EXPECT_THAT(Run({"apply", "plan.json"}), ExitsWith(0));
  EXPECT_EQ(front.left(), 64) << "as it said";
  EXPECT_EQ(Run({"plan"}).out, kNoChanges);
  EXPECT_EQ(front.left(), 64) << "nothing to do takes no pull";
}

TEST_F(DockerHubTest, OneRunThatPlansAndAppliesPullsOnce) {
  PushWithDate("3.1", "2026-01-01T00:00:00Z");
  CountingFront front(upstream_, 3);
  environment_["IMGLIFE_REGISTRY_ENDPOINT_DOCKER_IO"] = front.url();
  ConfigureMirror("      tag_regex: '.'\n");
  const ImglifeRun run = Run({"apply"});
  EXPECT_THAT(run, ExitsWith(0));
  EXPECT_THAT(run.out, Not(HasSubstr("pulls")));
  EXPECT_EQ(front.left(), 0);
}

TEST_F(DockerHubTest, TooFewPullsAreAWarningAndTheRefusalSaysWhenToComeBack) {
  PushWithDate("3.1", "2026-01-01T00:00:00Z");
  CountingFront front(upstream_, 4);
  environment_["IMGLIFE_REGISTRY_ENDPOINT_DOCKER_IO"] = front.url();
  ConfigureMirror("      tag_regex: '.'\n");
  const ImglifeRun plan = Run({"plan", "--out", "plan.json"});
  EXPECT_THAT(plan, ExitsWith(0));
  EXPECT_THAT(
      plan.out,
      AllOf(HasSubstr("docker.io leaves 1 pull, and these copies take up to 3: some may be"),
            HasSubstr("take up to 3 pulls; 1 of 100 are left")));
  OnAnotherMachine();
  const absl::Time start = absl::Now();
  const ImglifeRun apply = Run({"apply", "plan.json"});
  EXPECT_THAT(apply, ExitsWith(1));
  EXPECT_THAT(apply.out + apply.err,
              AllOf(HasSubstr("the limit of pulls is reached (429)"),
                    HasSubstr("try again in 1h30m"), HasSubstr("IMGLIFE_DOCKER_IO_USERNAME")));
  EXPECT_LT(absl::Now() - start, absl::Minutes(1)) << "waiting would not help";
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), IsEmpty());
}

TEST_F(DockerHubTest, WherePullsAreNotCountedNothingIsSaid) {
  PushWithDate("3.1", "2026-01-01T00:00:00Z");
  ConfigureMirror("      tag_regex: '.'\n");
  const ImglifeRun plan = Run({"plan", "--out", "plan.json"});
  EXPECT_THAT(plan.out, Not(HasSubstr("pull")));
  EXPECT_EQ(Json::parse(Read("plan.json"))["pulls"], nullptr);
}

}  // namespace
}  // namespace imglife
