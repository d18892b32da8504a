#include <atomic>
#include <thread>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include <fmt/format.h>

#include "schema/image/media_type.h"
#include "tests/providers/registry/distribution/scripted_registry.h"
#include "tests/support/byte_readers.h"
#include "tests/support/image_maker.h"

namespace imglife {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr char kBody[] =
    R"({"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","layers":[]})";

class ManifestTest : public ScriptedRegistryTest {
 protected:
  ManifestTest() {
    answer = [this](const SentRequest&) { return response; };
    manifest.media_type = std::string(media_type::kOciManifest);
    manifest.content = kBody;
    manifest.digest = digest;
  }

  static HttpResponse Good() {
    return Answer(200,
                  {{"content-type", std::string(media_type::kOciManifest) + "; charset=utf-8"},
                   {"content-length", std::to_string(std::string(kBody).size())},
                   {"docker-content-digest", Digest::OfBytes(kBody).str()}},
                  kBody);
  }
  static HttpResponse Without(const std::string& header) {
    HttpResponse response = Good();
    response.headers.erase(header);
    return response;
  }
  static HttpResponse With(const std::string& header, const std::string& value) {
    HttpResponse response = Without(header);
    response.headers.emplace(header, value);
    return response;
  }

  const Digest digest = Digest::OfBytes(kBody);
  const Digest other = Digest::OfBytes("other");
  HttpResponse response = Good();
  ManifestBytes manifest;
};

TEST_F(ManifestTest, AcceptsAllFourTypes) {
  ASSERT_TRUE(registry().Resolve(app, "1").ok());
  ASSERT_TRUE(registry().GetManifest(app, "1").ok());
  EXPECT_THAT(transport.Lines(), ElementsAre("HEAD https://reg.example/v2/acme/app/manifests/1",
                                             "GET https://reg.example/v2/acme/app/manifests/1"));
  for (const SentRequest& request : transport.Requests()) {
    for (const std::string_view type : {media_type::kOciIndex, media_type::kOciManifest,
                                        media_type::kDockerList, media_type::kDockerManifest}) {
      EXPECT_THAT(request.Header("accept"), HasSubstr(std::string(type)));
    }
  }
}

TEST_F(ManifestTest, ParametersOfTheTypeDoNotCount) {
  EXPECT_EQ(registry().Resolve(app, "1")->media_type, media_type::kOciManifest);
  EXPECT_EQ(registry().GetManifest(app, "1")->media_type, media_type::kOciManifest);
}

TEST_F(ManifestTest, WhatAHeadLeavesOutIsAskedWithAGet) {
  for (const char* header : {"docker-content-digest", "content-type", "content-length"}) {
    response = Without(header);
    const absl::StatusOr<Resolved> resolved = registry().Resolve(app, "1");
    ASSERT_TRUE(resolved.ok()) << header << resolved.status();
    EXPECT_EQ(resolved->digest, digest);
    EXPECT_EQ(resolved->media_type, media_type::kOciManifest);
    EXPECT_EQ(resolved->size, static_cast<std::int64_t>(manifest.content.size()));
    EXPECT_THAT(transport.Lines().back(), HasSubstr("GET "));
  }
}

TEST_F(ManifestTest, AServerWithoutHeadIsAskedWithAGet) {
  answer = [](const SentRequest& request) {
    return request.method == "HEAD" ? Answer(405) : Good();
  };
  EXPECT_EQ(registry().Resolve(app, "1")->digest, digest);
}

TEST_F(ManifestTest, BytesMustHaveTheAskedDigest) {
  response = Without("docker-content-digest");
  EXPECT_EQ(registry().GetManifest(app, digest.str())->digest, digest);
  EXPECT_TRUE(absl::IsDataLoss(registry().GetManifest(app, other.str()).status()));
  response = Good();
  EXPECT_TRUE(absl::IsDataLoss(registry().GetManifest(app, other.str()).status()));
  EXPECT_TRUE(absl::IsDataLoss(registry().Resolve(app, other.str()).status()));
}

TEST_F(ManifestTest, BytesMustHaveTheStatedDigest) {
  response = With("docker-content-digest", other.str());
  EXPECT_TRUE(absl::IsDataLoss(registry().GetManifest(app, "1").status()));
  EXPECT_TRUE(absl::IsDataLoss(registry().GetManifest(app, digest.str()).status()));
  response = With("docker-content-digest", "sha256:12");
  EXPECT_TRUE(absl::IsInvalidArgument(registry().GetManifest(app, "1").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(registry().Resolve(app, "1").status()));
}

TEST_F(ManifestTest, TheBodysTypeMustBeTheHeads) {
  response = With("content-type", std::string(media_type::kOciIndex));
  EXPECT_TRUE(absl::IsInvalidArgument(registry().GetManifest(app, "1").status()));
  response = With("content-type", "application/json");
  EXPECT_EQ(registry().GetManifest(app, "1")->media_type, media_type::kOciManifest);
}

TEST_F(ManifestTest, OtherTypesAreRefused) {
  for (const char* type : {"text/html", "application/octet-stream"}) {
    response = Answer(200, {{"content-type", type}}, "<html>");
    EXPECT_TRUE(absl::IsInvalidArgument(registry().GetManifest(app, "1").status())) << type;
  }
}

TEST_F(ManifestTest, DockersFirstFormatIsToldFromWhatCanNotBeUnderstood) {
  for (const char* type : {"application/vnd.docker.distribution.manifest.v1+prettyjws",
                           "application/vnd.docker.distribution.manifest.v1+json; charset=utf-8"}) {
    response = With("content-type", type);
    EXPECT_TRUE(absl::IsUnimplemented(registry().Resolve(app, "1").status())) << type;
    const absl::Status status = registry().GetManifest(app, "1").status();
    EXPECT_TRUE(absl::IsUnimplemented(status)) << type;
    EXPECT_THAT(std::string(status.message()), HasSubstr("schema 1"));
  }
  response = Answer(405);
  EXPECT_TRUE(absl::IsInvalidArgument(registry().GetManifest(app, "1").status()));
}

TEST_F(ManifestTest, EightMebibytesAreTheMost) {
  response = Answer(200, {{"content-type", std::string(media_type::kOciManifest)}},
                    std::string(std::size_t{8} << 20, ' '));
  EXPECT_TRUE(registry().GetManifest(app, "1").ok());
  response.body += " ";
  EXPECT_TRUE(absl::IsResourceExhausted(registry().GetManifest(app, "1").status()));
}

// A 404 to HEAD has no body that would tell a registry's from that of a proxy before it, and that
// to GET need not be the registry's.
TEST_F(ManifestTest, IsAbsentOnlyIfTheRegistryIsThere) {
  HttpResponse base = Answer(404);
  answer = [&](const SentRequest& request) {
    return request.url == "https://reg.example/v2/" ? base : Answer(404);
  };
  EXPECT_TRUE(absl::IsUnavailable(registry().Resolve(app, "1").status()));
  EXPECT_TRUE(absl::IsUnavailable(registry().GetManifest(app, "1").status()));
  base = Answer(200);
  EXPECT_TRUE(absl::IsNotFound(registry().Resolve(app, "1").status()));
  EXPECT_TRUE(absl::IsNotFound(registry().GetManifest(app, "1").status()));
}

TEST_F(ManifestTest, OneAnswerOfAProxyIsAskedAgain) {
  const HttpResponse there = response;
  int asked = 0;
  answer = [&](const SentRequest& request) {
    if (request.url == "https://reg.example/v2/") return Answer(200);
    return ++asked == 1 ? Answer(404, {}, "<html>") : there;
  };
  EXPECT_TRUE(registry().GetManifest(app, "1").ok());
  EXPECT_EQ(asked, 2);
}

TEST_F(ManifestTest, AbsentRefusedAndFailedDiffer) {
  const auto code = [this](int status) {
    response = status == 404 ? Absent() : Answer(status);
    return registry().Resolve(app, "1").status().code();
  };
  EXPECT_EQ(code(404), absl::StatusCode::kNotFound);
  EXPECT_EQ(code(403), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(code(429), absl::StatusCode::kUnavailable);
  EXPECT_EQ(code(503), absl::StatusCode::kUnavailable);
  answer = [](const SentRequest&) { return absl::DeadlineExceededError("too slow"); };
  const absl::Status status = registry().Resolve(app, "1").status();
  EXPECT_TRUE(absl::IsDeadlineExceeded(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("reg.example/acme/app:1"));
}

TEST_F(ManifestTest, NamesThatWouldLeaveTheirPlaceAreRefused) {
  for (const char* name : {"../../x", "a/b", "", "a?b", "sha256:zz", "%2e"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(registry().Resolve(app, name).status())) << name;
  }
  EXPECT_TRUE(transport.Requests().empty());
}

TEST_F(ManifestTest, IsStoredAsItIs) {
  response = Answer(201, {{"docker-content-digest", digest.str()}});
  ASSERT_TRUE(registry().PutManifest(app, "1", manifest).ok());
  const SentRequest put = transport.Requests().back();
  EXPECT_EQ(put.method, "PUT");
  EXPECT_EQ(put.body, kBody);
  EXPECT_EQ(put.Header("content-type"), media_type::kOciManifest);
  EXPECT_FALSE(put.idempotent) << "the tag may be somebody else's by then";
  ASSERT_TRUE(registry().PutManifest(app, digest.str(), manifest).ok());
  EXPECT_TRUE(transport.Requests().back().idempotent);
}

TEST_F(ManifestTest, ThePageOfAProxyStoresNothing) {
  response = Answer(200, {{"content-type", "text/html"}}, "<h1>Welcome</h1>");
  const absl::Status status = registry().PutManifest(app, digest.str(), manifest);
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  response = Answer(200, {{"docker-content-digest", digest.str()}});
  EXPECT_TRUE(registry().PutManifest(app, digest.str(), manifest).ok());
}

// The first PUT of a tag goes unanswered; what it did, or others did, is in `response`.
class LostPutTest : public ManifestTest {
 protected:
  LostPutTest() {
    answer = [this](const SentRequest& request) -> absl::StatusOr<HttpResponse> {
      if (request.method != "PUT") return response;
      if (++puts == 1) return lost;
      response = Good();
      return Answer(201);
    };
  }

  absl::Status Put() { return registry().PutManifest(app, "1", manifest); }

  absl::StatusOr<HttpResponse> lost = absl::UnavailableError("the connection broke");
  int puts = 0;
};

TEST_F(LostPutTest, IsNotRepeatedWhereTheTagIsAsWanted) {
  EXPECT_TRUE(Put().ok());
  EXPECT_EQ(transport.Lines()[1], "HEAD https://reg.example/v2/acme/app/manifests/1");
  // By its digest, for what the answer says of subjects.
  EXPECT_EQ(transport.Lines()[2],
            "PUT https://reg.example/v2/acme/app/manifests/" + manifest.digest.str());
  EXPECT_EQ(transport.Lines().size(), 3U);
}

TEST_F(LostPutTest, IsRepeatedWhereTheTagIsStillAbsent) {
  response = Absent();
  EXPECT_TRUE(Put().ok());
  EXPECT_EQ(puts, 2);
  EXPECT_EQ(transport.Lines().size(), 3U);
}

TEST_F(LostPutTest, IsRepeatedWhereTheTagIsWhatItWasAtTheLastLook) {
  response = With("docker-content-digest", other.str());
  ASSERT_TRUE(registry().Resolve(app, "1").ok());
  lost = Answer(503, {{"retry-after", "11"}});
  EXPECT_TRUE(Put().ok());
  EXPECT_EQ(puts, 2);
  EXPECT_THAT(Waits(), ElementsAre(testing::Ge(absl::Seconds(11))));
}

TEST_F(LostPutTest, IsNotRepeatedWhereSomebodyElseWroteTheTag) {
  response = Absent();
  ASSERT_TRUE(absl::IsNotFound(registry().Resolve(app, "1").status()));
  response = With("docker-content-digest", other.str());
  const absl::Status status = Put();
  EXPECT_TRUE(absl::IsAborted(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("the connection broke"));
  EXPECT_THAT(std::string(status.message()), HasSubstr(other.str()));
  EXPECT_EQ(puts, 1);
}

TEST_F(LostPutTest, OfADigestIsTheTransportsBusiness) {
  EXPECT_TRUE(absl::IsUnavailable(registry().PutManifest(app, digest.str(), manifest)));
  EXPECT_EQ(puts, 1);
}

TEST_F(ManifestTest, AStoreUnderAnotherDigestIsDataLoss) {
  response = Answer(201, {{"docker-content-digest", other.str()}});
  EXPECT_TRUE(absl::IsDataLoss(registry().PutManifest(app, "1", manifest)));
  EXPECT_TRUE(absl::IsDataLoss(registry().PutManifest(app, other.str(), manifest)));
}

TEST_F(ManifestTest, AMissingPartIsAFailedPrecondition) {
  response = Answer(400, {}, R"({"errors":[{"code":"MANIFEST_INVALID"},
                                           {"code":"MANIFEST_BLOB_UNKNOWN","message":"x"}]})");
  EXPECT_EQ(registry().PutManifest(app, "1", manifest).code(),
            absl::StatusCode::kFailedPrecondition);
  response = Answer(400, {}, R"({"errors":[{"code":"MANIFEST_INVALID"}]})");
  EXPECT_TRUE(absl::IsInvalidArgument(registry().PutManifest(app, "1", manifest)));
}

constexpr char kMissesAPart[] = R"({"errors":[{"code":"MANIFEST_BLOB_UNKNOWN"}]})";

// distribution 2.8 may be rewriting the part's link just then.
TEST_F(ManifestTest, AMissingPartThatIsThereIsStoredOnceMore) {
  for (const char* code : {"MANIFEST_BLOB_UNKNOWN", "DIGEST_INVALID"}) {
    int puts = 0;
    std::vector<std::string> looks;
    answer = [&](const SentRequest& request) {
      if (request.method == "PUT") {
        return ++puts > 1 ? Answer(201)
                          : Answer(400, {}, fmt::format(R"({{"errors":[{{"code":"{}"}}]}})", code));
      }
      looks.push_back(request.method + " " + request.url);
      return Answer(200);
    };
    const TestImage image = MakeImage({.name = "whole", .layers = 1});
    EXPECT_TRUE(registry().PutManifest(app, "1", image.manifest).ok());
    EXPECT_EQ(puts, 2);
    EXPECT_EQ(looks.size(), image.blobs.size());
  }
}

TEST_F(ManifestTest, AMissingPartThatIsMissingIsNotStoredOnceMore) {
  int puts = 0;
  answer = [&](const SentRequest& request) {
    if (request.method != "PUT") return Answer(404);
    ++puts;
    return Answer(400, {}, kMissesAPart);
  };
  EXPECT_TRUE(absl::IsFailedPrecondition(
      registry().PutManifest(app, "1", MakeImage({.name = "partial"}).manifest)));
  EXPECT_EQ(puts, 1);
}

// Whatever happens at once, a part isn't written while what names it is.
TEST_F(ManifestTest, APartAndWhatNamesItAreNeverStoredAtOnce) {
  const TestImage index = MakeIndex({.images = {{.name = "part"}}});
  const TestImage unrelated = MakeImage({.name = "no part"});
  std::atomic<int> parts{0};
  std::atomic<int> indexes{0};
  std::atomic<int> together{0};
  answer = [&](const SentRequest& request) {
    const bool is_index = request.body == index.manifest.content;
    if (!is_index && request.body != index.children[0].content) return Answer(201);
    (is_index ? indexes : parts)++;
    std::this_thread::yield();
    if ((is_index ? parts : indexes) > 0) ++together;
    (is_index ? indexes : parts)--;
    return Answer(201);
  };
  const std::vector<ManifestBytes> manifests = {index.manifest, index.children[0],
                                                unrelated.manifest};
  Registry& client = registry();
  std::vector<std::thread> threads;
  for (std::size_t thread = 0; thread < 2 * manifests.size(); ++thread) {
    threads.emplace_back([&, thread] {
      const ManifestBytes& put = manifests[thread % manifests.size()];
      for (int i = 0; i < 300; ++i) EXPECT_TRUE(client.PutManifest(app, "1", put).ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(together, 0);
}

TEST_F(ManifestTest, HubIsSpokenToByItsApiHost) {
  app = {Repository::Kind::kDistribution, "docker.io", "library/alpine"};
  ASSERT_TRUE(registry().Resolve(app, "3").ok());
  EXPECT_THAT(transport.Lines(),
              ElementsAre("HEAD https://registry-1.docker.io/v2/library/alpine/manifests/3"));
}

TEST_F(ManifestTest, InsecureAndLoopbackHostsAreSpokenToWithoutTls) {
  settings.insecure_hosts = {"reg.example"};
  ASSERT_TRUE(registry().Resolve(app, "1").ok());
  EXPECT_THAT(transport.Lines().back(), HasSubstr("HEAD http://reg.example/v2/"));
  app.host = "localhost:5000";
  ASSERT_TRUE(registry().Resolve(app, "1").ok());
  EXPECT_THAT(transport.Lines().back(), HasSubstr("HEAD http://localhost:5000/v2/"));
  app.host = "reg.example:5000";
  ASSERT_TRUE(registry().Resolve(app, "1").ok());
  EXPECT_THAT(transport.Lines().back(), HasSubstr("HEAD https://reg.example:5000/v2/"));
}

TEST_F(ManifestTest, AnEndpointTakesTheHostsPlaceAndGetsItsCredentials) {
  LogIn();
  settings.endpoints = {{"docker.io", "http://mirror.example/hub/"}};
  app = {Repository::Kind::kDistribution, "docker.io", "library/alpine"};
  answer = [](const SentRequest& request) {
    if (request.authorization.empty()) return Answer(401, {{"www-authenticate", "Basic realm=x"}});
    return Good();
  };
  ASSERT_TRUE(registry().Resolve(app, "3").ok());
  EXPECT_THAT(transport.Lines().back(),
              "HEAD http://mirror.example/hub/v2/library/alpine/manifests/3");
  EXPECT_THAT(credentials.Hosts(), ElementsAre("docker.io"));
}

TEST_F(ManifestTest, ABrokenEndpointIsAnError) {
  settings.endpoints = {{"reg.example", "mirror.example"}};
  EXPECT_TRUE(absl::IsInvalidArgument(registry().Resolve(app, "1").status()));
}

class BlobTest : public ScriptedRegistryTest {
 protected:
  BlobTest() {
    blob.digest = Digest::OfBytes("layer");
    blob.size = 5;
  }

  std::string Get() {
    const absl::StatusOr<std::unique_ptr<ByteReader>> reader = registry().GetBlob(app, blob);
    if (!reader.ok()) return reader.status().ToString();
    const absl::StatusOr<std::string> bytes = ReadAll(**reader);
    return bytes.ok() ? *bytes : bytes.status().ToString();
  }

  Descriptor blob;
};

TEST_F(BlobTest, IsVerifiedAsItIsRead) {
  for (const char* body : {"layeR", "laye", "layers", ""}) {
    answer = [body](const SentRequest&) { return Answer(200, {}, body); };
    EXPECT_THAT(Get(), HasSubstr("DATA_LOSS")) << body;
  }
  answer = [](const SentRequest&) { return Answer(200, {{"content-length", "6"}}, "layer"); };
  EXPECT_THAT(Get(), HasSubstr("DATA_LOSS"));
  answer = [](const SentRequest&) { return Answer(200, {{"content-length", "5"}}, "layer"); };
  EXPECT_EQ(Get(), "layer");
}

TEST_F(BlobTest, ComesFromAStorageServerWithoutCredentials) {
  LogIn();
  answer = [](const SentRequest& request) {
    if (request.url.find("storage.example") != std::string::npos) return Answer(200, {}, "layer");
    if (request.authorization.empty()) return Answer(401, {{"www-authenticate", "Basic realm=x"}});
    return Answer(307, {{"location", "https://storage.example/b?signature=s3cret"}});
  };
  EXPECT_EQ(Get(), "layer");
  ASSERT_EQ(transport.Requests().size(), 3u);
  EXPECT_NE(transport.Requests()[1].authorization, "");
  EXPECT_EQ(transport.Requests()[2].authorization, "");
  EXPECT_FALSE(transport.Requests()[1].follow_redirects);
}

TEST_F(BlobTest, AStorageServersChallengeIsNotAnswered) {
  LogIn();
  answer = [](const SentRequest& request) {
    if (request.url.find("storage.example") != std::string::npos) {
      return Answer(401, {{"www-authenticate", "Basic realm=x"}});
    }
    return Answer(302, {{"location", "//storage.example/b"}});
  };
  EXPECT_THAT(Get(), HasSubstr("UNAUTHENTICATED"));
  for (const SentRequest& request : transport.Requests()) EXPECT_EQ(request.authorization, "");
}

// Who reads of a host that no configuration names wants to know who sends there.
TEST_F(BlobTest, WhatFailsBehindARedirectNamesTheRegistry) {
  answer = [](const SentRequest& request) -> absl::StatusOr<HttpResponse> {
    if (request.url.find("storage.example") != std::string::npos) return Answer(403);
    return Answer(307, {{"location", "https://storage.example/b?signature=s3cret"}});
  };
  EXPECT_THAT(Get(), testing::AllOf(HasSubstr("answered 403; that was https://storage.example, to "
                                              "which reg.example sends its clients"),
                                    Not(HasSubstr("s3cret"))));
}

TEST_F(BlobTest, ARedirectThatLeavesTlsIsRefused) {
  answer = [](const SentRequest&) {
    return Answer(307, {{"location", "http://storage.example/b?signature=s3cret"}});
  };
  EXPECT_THAT(Get(), HasSubstr("without TLS"));
  EXPECT_THAT(Get(), Not(HasSubstr("s3cret")));
}

TEST_F(BlobTest, RedirectsEnd) {
  answer = [](const SentRequest&) { return Answer(302, {{"location", "/again"}}); };
  EXPECT_THAT(Get(), HasSubstr("redirects"));
  EXPECT_EQ(transport.Requests().size(), 11u);
  answer = [](const SentRequest&) { return Answer(302); };
  EXPECT_THAT(Get(), HasSubstr("INVALID_ARGUMENT"));
}

TEST_F(BlobTest, ABlobsAbsenceIsAnAnswerOnlyToTheQuestion) {
  answer = [](const SentRequest&) { return Answer(404); };
  EXPECT_THAT(Get(), HasSubstr("NOT_FOUND"));
  EXPECT_FALSE(*registry().BlobExists(app, blob.digest));
  answer = [](const SentRequest&) { return Answer(500); };
  EXPECT_TRUE(absl::IsUnavailable(registry().BlobExists(app, blob.digest).status()));
}

}  // namespace
}  // namespace imglife
