#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include <fmt/format.h>

#include "schema/image/media_type.h"
#include "tests/providers/registry/distribution/scripted_registry.h"

namespace imglife {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

HttpResponse Coded(int status, const std::string& code) {
  return Answer(status, {}, R"({"errors":[{"code":")" + code + R"("}]})");
}

// A registry described by its answers to the three ways of deletion.
class DeletionTest : public ScriptedRegistryTest {
 protected:
  DeletionTest() {
    answer = [this](const SentRequest& request) -> absl::StatusOr<HttpResponse> {
      if (request.method == "DELETE") return Delete(request.url);
      if (request.url == "https://reg.example/v2/") return Answer(200);
      if (absl::StrContains(request.url, "/referrers/")) return referrers;
      if (request.method == "POST") return Answer(202, {{"location", "/up"}});
      if (request.method == "PUT") return Answer(201);
      if (absl::StrContains(request.url, "/blobs/")) return Answer(404);
      return manifest;
    };
  }

  HttpResponse Delete(const std::string& url) const {
    if (absl::StrContains(url, "/tags/reference/")) return by_reference;
    return absl::StrContains(url, "/manifests/sha256:") ? by_digest : by_tag;
  }

  // Methods and the last part of each path, since the last call.
  std::vector<std::string> NewRequests() {
    std::vector<std::string> lines;
    const std::vector<SentRequest> all = transport.Requests();
    for (; seen_ < all.size(); ++seen_) {
      const std::string& url = all[seen_].url;
      lines.push_back(all[seen_].method + " " + url.substr(url.find("acme/app/") + 9));
    }
    return lines;
  }

  // A tag that names what `manifest` says.
  absl::Status Untag(const std::string& tag) {
    return registry().Untag(app, tag, Digest::OfBytes("{}"));
  }

  HttpResponse by_tag = Coded(400, "DIGEST_INVALID");
  HttpResponse by_reference = Answer(404, {}, "404 page not found");
  HttpResponse by_digest = Coded(404, "MANIFEST_UNKNOWN");
  HttpResponse referrers = Answer(404, {}, "404 page not found");
  HttpResponse manifest = Answer(200,
                                 {{"content-type", std::string(media_type::kOciIndex)},
                                  {"content-length", "2"},
                                  {"docker-content-digest", Digest::OfBytes("{}").str()}},
                                 "{}");

 private:
  std::size_t seen_ = 0;
};

TEST_F(DeletionTest, EachServersWayIsFound) {
  struct Case {
    HttpResponse tag;
    HttpResponse reference;
    HttpResponse digest;
    UntagMethod untag;
    bool deletes_manifests;
  };
  const HttpResponse unknown = Coded(404, "MANIFEST_UNKNOWN");
  const HttpResponse bare = Answer(404, {}, "404 page not found");
  const HttpResponse disabled = Coded(405, "UNSUPPORTED");
  const std::vector<Case> cases = {
      // distribution 3, GitLab since 16.4
      {unknown, bare, unknown, UntagMethod::kTag, true},
      {Coded(404, "NAME_UNKNOWN"), bare, Coded(404, "NAME_UNKNOWN"), UntagMethod::kTag, true},
      {Answer(202), bare, Answer(202), UntagMethod::kTag, true},
      // older GitLab
      {Coded(400, "DIGEST_INVALID"), unknown, unknown, UntagMethod::kTagReference, true},
      {disabled, unknown, disabled, UntagMethod::kTagReference, false},
      // distribution 2.8 with deletes, and without
      {Coded(400, "DIGEST_INVALID"), bare, unknown, UntagMethod::kPlaceholder, true},
      {disabled, bare, disabled, UntagMethod::kNone, false},
      // Docker Hub, GHCR; ECR
      {Answer(405), Answer(405), Answer(405), UntagMethod::kNone, false},
      {bare, bare, bare, UntagMethod::kNone, false}};
  for (std::size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(i);
    by_tag = cases[i].tag;
    by_reference = cases[i].reference;
    by_digest = cases[i].digest;
    app.host = fmt::format("reg{}.example", i);
    const absl::StatusOr<Capabilities> capabilities = registry().Probe(app);
    ASSERT_TRUE(capabilities.ok()) << capabilities.status();
    EXPECT_EQ(capabilities->untag, cases[i].untag);
    EXPECT_EQ(capabilities->deletes_manifests, cases[i].deletes_manifests);
    EXPECT_EQ(capabilities->why_not.empty(), cases[i].deletes_manifests);
  }
}

TEST_F(DeletionTest, ARefusalLeavesTheCapabilitiesUnknown) {
  by_digest = Answer(403);
  EXPECT_TRUE(absl::IsPermissionDenied(registry().Probe(app).status()));
  by_digest = Answer(401, {{"www-authenticate", "Basic realm=x"}});
  EXPECT_TRUE(absl::IsPermissionDenied(registry().Probe(app).status()));
  EXPECT_TRUE(absl::IsPermissionDenied(Untag("1")));
  by_digest = Answer(503);
  EXPECT_TRUE(absl::IsUnavailable(registry().Probe(app).status()));
  by_digest = Coded(404, "MANIFEST_UNKNOWN");
  EXPECT_TRUE(registry().Probe(app).ok());
}

TEST_F(DeletionTest, ProbesOncePerHost) {
  ASSERT_TRUE(registry().Probe(app).ok());
  NewRequests();
  app.path = "acme/other";
  ASSERT_TRUE(registry().Probe(app).ok());
  EXPECT_THAT(NewRequests(), IsEmpty());
}

TEST_F(DeletionTest, ProbesOnlyForWhatCanNotExist) {
  ASSERT_TRUE(registry().Probe(app).ok());
  for (const SentRequest& request : transport.Requests()) {
    const bool impossible = absl::StrContains(request.url, "imglife-capability-probe-") ||
                            absl::StrContains(request.url, "/manifests/sha256:");
    EXPECT_TRUE(request.method == "GET" || (request.method == "DELETE" && impossible))
        << request.method << " " << request.url;
  }
}

TEST_F(DeletionTest, ATagIsDeletedByItsName) {
  by_tag = Coded(404, "MANIFEST_UNKNOWN");
  ASSERT_TRUE(registry().Probe(app).ok());
  NewRequests();
  EXPECT_TRUE(absl::IsNotFound(Untag("1")));
  by_tag = Answer(202);
  EXPECT_TRUE(Untag("1").ok());
  EXPECT_THAT(NewRequests(), ElementsAre("HEAD manifests/1", "DELETE manifests/1",
                                         "HEAD manifests/1", "DELETE manifests/1"));
}

TEST_F(DeletionTest, OlderGitlabsEndpointIsUsed) {
  by_reference = Coded(404, "MANIFEST_UNKNOWN");
  ASSERT_TRUE(registry().Probe(app).ok());
  NewRequests();
  by_reference = Answer(202);
  EXPECT_TRUE(Untag("1").ok());
  EXPECT_THAT(NewRequests(), ElementsAre("HEAD manifests/1", "DELETE tags/reference/1"));
}

TEST_F(DeletionTest, APlaceholderTakesTheTagAway) {
  ASSERT_TRUE(registry().Probe(app).ok());
  NewRequests();
  by_digest = Answer(202);
  ASSERT_TRUE(Untag("1").ok());
  const std::vector<SentRequest> requests = transport.Requests();
  const SentRequest& put = requests[requests.size() - 2];
  EXPECT_THAT(put.url, HasSubstr("/manifests/1"));
  const nlohmann::json document = nlohmann::json::parse(put.body);
  EXPECT_THAT(document["annotations"]["io.imglife.placeholder"].get<std::string>(),
              HasSubstr("1 "));
  EXPECT_EQ(requests.back().method, "DELETE");
  EXPECT_THAT(requests.back().url, HasSubstr("/manifests/" + Digest::OfBytes(put.body).str()));

  ASSERT_TRUE(Untag("1").ok());
  const std::vector<SentRequest> more = transport.Requests();
  EXPECT_THAT(more[more.size() - 2].url, HasSubstr("/manifests/1"));
  EXPECT_NE(more[more.size() - 2].body, put.body);
}

TEST_F(DeletionTest, APlaceholderIsOfTheTagsFamily) {
  by_digest = Answer(202);
  const auto type_of_put = [this] {
    const std::vector<SentRequest> requests = transport.Requests();
    return requests[requests.size() - 2].Header("content-type");
  };
  ASSERT_TRUE(Untag("1").ok());
  EXPECT_EQ(type_of_put(), media_type::kOciManifest);
  manifest.headers.erase("content-type");
  manifest.headers.emplace("content-type", std::string(media_type::kDockerList));
  ASSERT_TRUE(Untag("1").ok());
  EXPECT_EQ(type_of_put(), media_type::kDockerManifest);
}

TEST_F(DeletionTest, NothingIsWrittenWhereNothingCanBeRemoved) {
  by_digest = Coded(405, "UNSUPPORTED");
  const absl::Status status = Untag("1");
  EXPECT_TRUE(absl::IsUnimplemented(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("405"));
  for (const SentRequest& request : transport.Requests()) {
    EXPECT_TRUE(request.method == "DELETE" || request.method == "GET");
  }
}

TEST_F(DeletionTest, APlaceholderThatStaysIsReported) {
  ASSERT_TRUE(registry().Probe(app).ok());
  by_digest = Answer(503);
  const absl::Status status = Untag("1");
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("placeholder"));
}

TEST_F(DeletionTest, AbsentTagsAreNotOverwritten) {
  manifest = Absent();
  EXPECT_TRUE(absl::IsNotFound(Untag("1")));
  for (const SentRequest& request : transport.Requests()) EXPECT_NE(request.method, "PUT");
}

// distribution 2.8, stopped after it removed the manifest: its tag is listed and leads nowhere.
TEST_F(DeletionTest, ANameThatLeadsNowhereIsTakenAway) {
  ASSERT_TRUE(registry().Probe(app).ok());
  NewRequests();
  by_digest = Answer(202);
  const auto others = answer;
  answer = [others](const SentRequest& request) -> absl::StatusOr<HttpResponse> {
    if (absl::StrContains(request.url, "/tags/list"))
      return Answer(200, {}, R"({"tags":["1","2"]})");
    if (request.method == "HEAD") return Coded(404, "MANIFEST_UNKNOWN");
    return others(request);
  };
  EXPECT_TRUE(Untag("1").ok());
  const std::vector<SentRequest> requests = transport.Requests();
  EXPECT_THAT(requests[requests.size() - 2].url, HasSubstr("/manifests/1"));
  EXPECT_EQ(requests[requests.size() - 2].method, "PUT");
  EXPECT_EQ(requests.back().method, "DELETE");
  EXPECT_TRUE(absl::IsNotFound(Untag("3")));
}

// distribution 2.8, stopped while it deletes a placeholder: what it leaves is a name that leads
// nowhere.
TEST_F(DeletionTest, APlaceholderThatVanishedIsPutAgain) {
  ASSERT_TRUE(registry().Probe(app).ok());
  const auto others = answer;
  int deletions = 0;
  int lost = 1;
  answer = [&](const SentRequest& request) -> absl::StatusOr<HttpResponse> {
    if (request.method == "DELETE") {
      return ++deletions <= lost ? Coded(404, "MANIFEST_UNKNOWN") : Answer(202);
    }
    if (absl::StrContains(request.url, "/tags/list")) return Answer(200, {}, R"({"tags":["1"]})");
    if (request.method == "HEAD" && deletions > 0) return Coded(404, "MANIFEST_UNKNOWN");
    return others(request);
  };
  NewRequests();
  EXPECT_TRUE(Untag("1").ok());
  const std::vector<std::string> requests = NewRequests();
  EXPECT_EQ(std::count(requests.begin(), requests.end(), "PUT manifests/1"), 2);
  EXPECT_EQ(deletions, 2);

  lost = 100;
  EXPECT_TRUE(absl::IsUnavailable(Untag("1"))) << "it is never there";
}

TEST_F(DeletionTest, ATagThatNamesSomethingElseIsLeftAlone) {
  const Digest expected = Digest::OfBytes("what was planned");
  for (const HttpResponse& tag : {Coded(400, "DIGEST_INVALID"), Coded(404, "MANIFEST_UNKNOWN")}) {
    by_tag = tag;
    app.host += "x";
    ASSERT_TRUE(registry().Probe(app).ok());
    NewRequests();
    const absl::Status status = registry().Untag(app, "1", expected);
    EXPECT_TRUE(absl::IsAborted(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(Digest::OfBytes("{}").str()));
    EXPECT_THAT(NewRequests(), ElementsAre("HEAD manifests/1"));
  }
}

// The placeholder's config takes its time the first time.
TEST_F(DeletionTest, ATagThatMovesMeanwhileIsNotOverwritten) {
  by_digest = Answer(202);
  const auto others = answer;
  answer = [&](const SentRequest& request) -> absl::StatusOr<HttpResponse> {
    if (absl::StrContains(request.url, "/blobs/uploads/")) {
      manifest.headers.erase("docker-content-digest");
      manifest.headers.emplace("docker-content-digest", Digest::OfBytes("new").str());
    }
    return others(request);
  };
  EXPECT_TRUE(absl::IsAborted(Untag("1")));
  for (const SentRequest& request : transport.Requests()) {
    EXPECT_FALSE(request.method == "PUT" && absl::StrContains(request.url, "/manifests/"));
  }
}

// What a proxy says whose server did it, or did not.
class LostDeletionTest : public DeletionTest {
 protected:
  LostDeletionTest() {
    by_tag = Coded(404, "MANIFEST_UNKNOWN");
    EXPECT_TRUE(registry().Probe(app).ok());
    NewRequests();
    const auto others = answer;
    answer = [this, others](const SentRequest& request) -> absl::StatusOr<HttpResponse> {
      if (request.method != "DELETE") return others(request);
      EXPECT_FALSE(request.idempotent) << "the transport must not repeat it";
      if (++deletions > 1) return Answer(202);
      manifest = after;
      return first;
    };
  }

  HttpResponse first = Answer(504, {{"retry-after", "7"}});
  HttpResponse after = manifest;
  int deletions = 0;
};

TEST_F(LostDeletionTest, IsNotRepeatedWhereTheTagIsGone) {
  after = Absent();
  EXPECT_TRUE(Untag("1").ok());
  EXPECT_THAT(NewRequests(),
              ElementsAre("HEAD manifests/1", "DELETE manifests/1", "HEAD manifests/1"));
}

TEST_F(LostDeletionTest, IsRepeatedWhereTheTagIsAsItWas) {
  EXPECT_TRUE(Untag("1").ok());
  EXPECT_THAT(NewRequests(), ElementsAre("HEAD manifests/1", "DELETE manifests/1",
                                         "HEAD manifests/1", "DELETE manifests/1"));
  EXPECT_THAT(Waits(), ElementsAre(testing::Ge(absl::Seconds(7))));
}

TEST_F(LostDeletionTest, IsNotRepeatedWhereTheTagIsSomebodyElses) {
  after.headers.erase("docker-content-digest");
  after.headers.emplace("docker-content-digest", Digest::OfBytes("new").str());
  EXPECT_TRUE(absl::IsAborted(Untag("1")));
  EXPECT_EQ(deletions, 1);
}

TEST_F(LostDeletionTest, A404OfAProxyIsNoDeletion) {
  first = Answer(404, {}, "<html>");
  EXPECT_TRUE(absl::IsUnavailable(Untag("1")));
  deletions = 0;
  after = Absent();
  EXPECT_TRUE(absl::IsNotFound(Untag("1")));
}

// The digest may have been pushed again, and tagged, before a second DELETE came.
class LostDigestDeletionTest : public LostDeletionTest {
 protected:
  absl::Status Delete() { return registry().DeleteManifest(app, Digest::OfBytes("{}")); }
};

TEST_F(LostDigestDeletionTest, IsNotRepeatedWhereTheDigestIsThere) {
  const absl::Status status = Delete();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("504"));
  EXPECT_EQ(deletions, 1);
}

TEST_F(LostDigestDeletionTest, IsDoneWhereTheDigestIsGone) {
  after = Absent();
  EXPECT_TRUE(Delete().ok());
  EXPECT_EQ(deletions, 1);
}

TEST_F(LostDigestDeletionTest, IsRepeatedWhereTheRegistryTurnedItAway) {
  for (const int status : {429, 503}) {
    first = Answer(status);
    deletions = 0;
    EXPECT_TRUE(Delete().ok());
    EXPECT_EQ(deletions, 2);
  }
}

TEST_F(LostDigestDeletionTest, IsRepeatedWhereAProxyAnswered) {
  first = Answer(404, {}, "<html>");
  EXPECT_TRUE(Delete().ok());
  EXPECT_EQ(deletions, 2);
}

TEST_F(LostDigestDeletionTest, IsNotRepeatedOnceTheProcessShallEnd) {
  app.host += "x";
  settings.waiting.stopped = [] { return true; };
  first = Answer(503);
  const auto again = MakeDistributionRegistry(transport, credentials, settings);
  EXPECT_TRUE(absl::IsUnavailable(again->DeleteManifest(app, Digest::OfBytes("{}"))));
  EXPECT_EQ(deletions, 1);
}

TEST_F(DeletionTest, WhatAProxyAnswersForGoodIsNoDeletion) {
  by_digest = Answer(404, {}, "<html>");
  const absl::Status status = registry().DeleteManifest(app, Digest::OfBytes("{}"));
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("still there"));
}

// What it can is asked a second time, of the registry.
TEST_F(DeletionTest, AProxyIsNoRegistryThatCannotDelete) {
  const auto others = answer;
  int asked = 0;
  answer = [&](const SentRequest& request) -> absl::StatusOr<HttpResponse> {
    if (request.method == "DELETE" && ++asked == 1) return Answer(404, {}, "<html>");
    return others(request);
  };
  EXPECT_TRUE(registry().Probe(app)->deletes_manifests);
}

TEST_F(DeletionTest, WhatARegistryKeepsIsAFailedPrecondition) {
  const Digest digest = Digest::OfBytes("{}");
  for (const int status : {400, 409}) {
    by_digest = Coded(status, "DANGLING_TAG");
    EXPECT_EQ(registry().DeleteManifest(app, digest).code(), absl::StatusCode::kFailedPrecondition);
  }
  by_digest = Coded(405, "UNSUPPORTED");
  EXPECT_TRUE(absl::IsUnimplemented(registry().DeleteManifest(app, digest)));
  by_digest = Coded(404, "MANIFEST_UNKNOWN");
  EXPECT_TRUE(absl::IsNotFound(registry().DeleteManifest(app, digest)));
  by_digest = Answer(202);
  EXPECT_TRUE(registry().DeleteManifest(app, digest).ok());
}

TEST_F(DeletionTest, ABlobIsNotDeletedAsAManifest) {
  const Digest digest = Digest::OfBytes("{}");
  by_digest = Answer(202);
  manifest = Absent();
  EXPECT_TRUE(absl::IsNotFound(registry().DeleteManifest(app, digest)));
  manifest = Answer(500);
  EXPECT_TRUE(absl::IsUnavailable(registry().DeleteManifest(app, digest)));
  for (const SentRequest& request : transport.Requests()) EXPECT_NE(request.method, "DELETE");
}

TEST_F(DeletionTest, DeletionAsksForItsScope) {
  by_digest = Answer(202);
  answer = [](const SentRequest& request) {
    if (absl::StrContains(request.url, "/token")) return Answer(200, {}, R"({"token":"t"})");
    if (request.authorization.empty()) {
      return Answer(401, {{"www-authenticate", R"(Bearer realm="/token")"}});
    }
    return Coded(404, "MANIFEST_UNKNOWN");
  };
  ASSERT_TRUE(registry().Probe(app).ok());
  EXPECT_THAT(transport.Lines()[1],
              HasSubstr("scope=repository%3Aacme%2Fapp%3Apull%2Cpush%2Cdelete"));
}

}  // namespace
}  // namespace imglife
