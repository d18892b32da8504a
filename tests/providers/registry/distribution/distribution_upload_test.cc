// Uploads in chunks, uploads that go on where they broke off, and uploads that are given up.
#include <atomic>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include <fmt/format.h>

#include "providers/http/curl_transport.h"
#include "providers/registry/distribution/upload_session.h"
#include "tests/providers/registry/distribution/blob_of.h"
#include "tests/providers/registry/distribution/scripted_registry.h"
#include "tests/providers/registry/distribution/upload_server.h"
#include "tests/support/byte_readers.h"
#include "tests/support/docker_registry.h"
#include "tests/support/http_server.h"

namespace imglife {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::size_t kMebibyte = std::size_t{1} << 20;

std::string Bytes(std::size_t size) {
  std::string bytes(size, 'x');
  for (std::size_t i = 0; i < size; i += 97) bytes[i] = static_cast<char>(i % 251);
  return bytes;
}

TEST(BytesHeld, IsOneMoreThanTheLastByte) {
  EXPECT_EQ(BytesHeld("0-9"), 10);
  EXPECT_EQ(BytesHeld("bytes=0-9"), 10);
  // distribution says so for an empty upload and for one of a single byte.
  EXPECT_EQ(BytesHeld("0-0"), 0);
  for (const char* other : {"", "0-", "0--1", "1-9", "-9", "0-9x", "0-99999999999999999999"}) {
    EXPECT_EQ(BytesHeld(other), 0) << other;
  }
}

class UploadTest : public ScriptedRegistryTest {
 protected:
  UploadTest() {
    answer = [this](const SentRequest& request) { return server(request); };
    options.known_absent = true;
  }

  std::string Push(const std::string& bytes) { return Push(BlobOf(bytes), SourceOf(bytes)); }

  std::string Push(const Descriptor& blob, const OpenBlob& source) {
    const absl::StatusOr<PushOutcome> outcome = registry().PushBlob(app, blob, source, options);
    return outcome.ok() ? "uploaded" : outcome.status().ToString();
  }

  bool Holds(const std::string& bytes) const {
    const auto blob = server.blobs.find(Digest::OfBytes(bytes).str());
    return blob != server.blobs.end() && blob->second == bytes;
  }

  // "METHOD", and the range of a chunk.
  std::vector<std::string> Steps() const {
    std::vector<std::string> steps;
    for (const SentRequest& request : transport.Requests()) {
      const std::string range = request.Header("content-range");
      steps.push_back(range.empty() ? request.method : request.method + " " + range);
    }
    return steps;
  }

  UploadServer server;
  PushBlobOptions options;
};

TEST_F(UploadTest, WhatIsTooLargeForOneRequestGoesInChunks) {
  server.largest_put = kMebibyte;
  server.largest_patch = kMebibyte;
  const std::string bytes = Bytes(2 * kMebibyte + 10);
  EXPECT_EQ(Push(bytes), "uploaded");
  EXPECT_TRUE(Holds(bytes));
  EXPECT_THAT(Steps(), ElementsAre("POST", "PUT", "PATCH 0-1048575", "PATCH 1048576-2097151",
                                   "PATCH 2097152-2097161", "PUT"));
  EXPECT_THAT(server.sessions, IsEmpty());
}

// What became of them is looked at first.
TEST_F(UploadTest, NothingThatChangesASessionIsRepeatedByTheTransport) {
  server.largest_put = 0;
  EXPECT_EQ(Push(Bytes(kMebibyte + 1)), "uploaded");
  server.chunk_min_length = std::to_string(std::int64_t{1} << 40);
  EXPECT_THAT(Push(Bytes(kMebibyte + 2)), HasSubstr("chunks of at least"));
  EXPECT_EQ(server.cancelled, 1);
  for (const SentRequest& request : transport.Requests()) {
    if (request.method == "PUT" || request.method == "PATCH" || request.method == "DELETE") {
      EXPECT_FALSE(request.idempotent) << request.method;
    }
  }
}

TEST_F(UploadTest, ARegistryIsRefusedByOnlyOnce) {
  server.largest_put = kMebibyte;
  EXPECT_EQ(Push(Bytes(kMebibyte + 1)), "uploaded");
  EXPECT_EQ(Push(Bytes(kMebibyte + 2)), "uploaded");
  EXPECT_EQ(Push(Bytes(kMebibyte)), "uploaded");
  EXPECT_THAT(Steps(),
              ElementsAre("POST", "PUT", "PATCH 0-1048575", "PATCH 1048576-1048576", "PUT",  //
                          "POST", "PATCH 0-1048575", "PATCH 1048576-1048577", "PUT",         //
                          "POST", "PUT"));
}

TEST_F(UploadTest, EveryWayToRefuseTheWholeLeadsToChunks) {
  const std::string bytes = "some bytes";
  for (const HttpResponse& refusal :
       {Answer(405), Answer(411), Answer(413), Answer(416), Answer(501),
        Answer(400, {}, R"({"errors":[{"code":"BLOB_UPLOAD_INVALID"}]})"),
        Answer(400, {}, R"({"errors":[{"code":"SIZE_INVALID"}]})")}) {
    server = {};
    server.largest_put = 0;
    server.refusal = refusal;
    EXPECT_EQ(Push(bytes), "uploaded") << refusal.status;
    EXPECT_TRUE(Holds(bytes)) << refusal.status;
  }
}

TEST_F(UploadTest, ChunksAreAsLargeAsTheRegistryWants) {
  server.largest_put = 0;
  server.chunk_min_length = std::to_string(2 * kMebibyte);
  EXPECT_EQ(Push(Bytes(3 * kMebibyte)), "uploaded");
  EXPECT_THAT(Steps(),
              ElementsAre("POST", "PUT", "PATCH 0-2097151", "PATCH 2097152-3145727", "PUT"));
  server.chunk_min_length = std::to_string(std::int64_t{1} << 40);
  EXPECT_THAT(Push(Bytes(3 * kMebibyte)), HasSubstr("chunks of at least 1099511627776 bytes"));
  EXPECT_EQ(server.cancelled, 1);
}

TEST_F(UploadTest, AChunkThatBrokeOffGoesOnWhereItStopped) {
  server.largest_put = 0;
  server.breaks_at = 3;
  server.arrives = 1000;
  const std::string bytes = Bytes(2 * kMebibyte);
  EXPECT_EQ(Push(bytes), "uploaded");
  EXPECT_TRUE(Holds(bytes));
  EXPECT_THAT(Steps(), ElementsAre("POST", "PUT", "PATCH 0-1048575", "PATCH 1048576-2097151", "GET",
                                   "PATCH 1049576-2097151", "PUT"));
}

TEST_F(UploadTest, AChunkThatArrivedUnheardIsNotSentAgain) {
  server.largest_put = 0;
  server.breaks_at = 2;
  server.arrives = kMebibyte;
  const std::string bytes = Bytes(kMebibyte + 1);
  EXPECT_EQ(Push(bytes), "uploaded");
  EXPECT_TRUE(Holds(bytes));
  EXPECT_THAT(Steps(),
              ElementsAre("POST", "PUT", "PATCH 0-1048575", "GET", "PATCH 1048576-1048576", "PUT"));
}

// Two servers behind one name, say, which don't share what they hold: each chunk but the first
// reaches the one that knows nothing of the session.
TEST_F(UploadTest, AnUploadThatNeverGetsFurtherEnds) {
  server.largest_put = 0;
  for (const int status : {404, 416, 500}) {
    server.sessions.clear();
    const std::size_t before = transport.Requests().size();
    answer = [&](const SentRequest& request) -> absl::StatusOr<HttpResponse> {
      if (transport.Requests().size() - before > 60) return Answer(400);
      const bool later =
          request.method == "PATCH" && !absl::StartsWith(request.Header("content-range"), "0-");
      const bool closing = request.method == "PUT" && request.body.empty();
      const bool asks = request.method == "GET";
      return later || closing || asks ? Answer(status) : server(request);
    };
    EXPECT_THAT(Push(Bytes(kMebibyte + 1)), HasSubstr("UNAVAILABLE")) << status;
  }
}

TEST_F(UploadTest, ALostSessionOfChunksStartsAgain) {
  server.largest_put = 0;
  server.breaks_at = 3;
  server.resumes = false;
  const std::string bytes = Bytes(kMebibyte + 1);
  EXPECT_EQ(Push(bytes), "uploaded");
  EXPECT_TRUE(Holds(bytes));
}

TEST_F(UploadTest, AnUploadThatBrokeOffGoesOnWhereItStopped) {
  server.breaks_at = 1;
  server.arrives = 400;
  const std::string bytes = Bytes(1000);
  EXPECT_EQ(Push(bytes), "uploaded");
  EXPECT_TRUE(Holds(bytes));
  EXPECT_THAT(Steps(), ElementsAre("POST", "PUT", "HEAD", "GET", "PATCH 400-999", "PUT"));
  EXPECT_EQ(transport.Requests()[4].body.size(), 600u);
}

// distribution's API document has 204 for it.
TEST_F(UploadTest, APartMayBeTakenWithoutWords) {
  server.part_status = 204;
  server.breaks_at = 1;
  server.arrives = 400;
  const std::string rest = Bytes(1000);
  EXPECT_EQ(Push(rest), "uploaded");
  EXPECT_TRUE(Holds(rest));
  server.largest_put = 0;
  const std::string chunks = Bytes(kMebibyte + 1);
  EXPECT_EQ(Push(chunks), "uploaded");
  EXPECT_TRUE(Holds(chunks));
}

TEST_F(UploadTest, APartIsNotTheWholeWhateverTheRegistrySays) {
  const std::string bytes = Bytes(1000);
  for (const int status : {201, 204}) {
    server = {};
    server.breaks_at = 1;
    server.arrives = 400;
    server.answers_at = 2;
    server.answer = Answer(status);
    EXPECT_THAT(Push(bytes), testing::Not("uploaded")) << status;
    EXPECT_FALSE(Holds(bytes)) << status;
  }
}

TEST_F(UploadTest, AnUploadOfWhichNothingArrivedIsCancelledAndStartsAgain) {
  server.breaks_at = 1;
  const std::string bytes = Bytes(1000);
  EXPECT_EQ(Push(bytes), "uploaded");
  EXPECT_TRUE(Holds(bytes));
  EXPECT_THAT(Steps(), ElementsAre("POST", "PUT", "HEAD", "GET", "DELETE", "POST", "PUT"));
}

TEST_F(UploadTest, AForgottenSessionIsNotCancelled) {
  server.breaks_at = 1;
  server.resumes = false;
  const std::string bytes = Bytes(1000);
  EXPECT_EQ(Push(bytes), "uploaded");
  EXPECT_THAT(Steps(), ElementsAre("POST", "PUT", "HEAD", "GET", "POST", "PUT"));
}

TEST_F(UploadTest, ATokenThatExpiresInTheMiddleIsReplaced) {
  LogIn();
  server.needs_token = true;
  server.largest_put = 0;
  server.expires_at = 3;
  const std::string bytes = Bytes(2 * kMebibyte);
  EXPECT_EQ(Push(bytes), "uploaded");
  EXPECT_TRUE(Holds(bytes));
  std::set<std::string> tokens;
  for (const SentRequest& request : transport.Requests()) {
    if (request.authorization.starts_with("Bearer ")) tokens.insert(request.authorization);
  }
  EXPECT_EQ(tokens.size(), 2u) << "the expired one and its successor";
}

TEST_F(UploadTest, AfterAGapItGoesOnWhereTheRegistryIs) {
  server.largest_put = 0;
  server.forgets_at = 3;
  server.forgets = 0x1000;
  const std::string bytes = Bytes(2 * kMebibyte);
  EXPECT_THAT(Push(bytes), "uploaded");
  EXPECT_TRUE(Holds(bytes));
  // What was forgotten is not in memory any more: the upload begins anew.
  EXPECT_THAT(Steps(), ElementsAre("POST", "PUT", "PATCH 0-1048575", "PATCH 1048576-2097151", "GET",
                                   "HEAD", "GET", "PATCH 1044480-2097151", "PUT"));
}

TEST_F(UploadTest, OfAChunkThatWasTakenInPartTheRestFollows) {
  server.largest_put = 0;
  server.shortens_at = 2;
  server.keeps = 1000;
  const std::string bytes = Bytes(kMebibyte + 1);
  EXPECT_EQ(Push(bytes), "uploaded");
  EXPECT_TRUE(Holds(bytes));
  EXPECT_THAT(Steps(), ElementsAre("POST", "PUT", "PATCH 0-1048575", "PATCH 1000-1048575",
                                   "PATCH 1048576-1048576", "PUT"));
}

TEST_F(UploadTest, ARegistryThatNeverTakesMoreIsGivenUp) {
  server.largest_put = 0;
  const auto others = answer;
  int patches = 0;
  answer = [&](const SentRequest& request) -> absl::StatusOr<HttpResponse> {
    if (request.method != "PATCH") return others(request);
    ++patches;
    return Answer(202, {{"range", "0-0"}});
  };
  EXPECT_THAT(Push(Bytes(1000)), HasSubstr("takes no more than 0 bytes"));
  EXPECT_EQ(patches, 5);
}

TEST_F(UploadTest, WhatTheAnswerToAChunkLeavesOutIsAsBefore) {
  server.largest_put = 0;
  server.names_location = false;
  server.names_range = false;
  const std::string bytes = Bytes(2 * kMebibyte);
  EXPECT_EQ(Push(bytes), "uploaded");
  EXPECT_TRUE(Holds(bytes));
}

TEST_F(UploadTest, AnUploadIsRepeatedWhenTheRegistryAsksFor) {
  server.answers_at = 1;
  server.answer = Answer(503, {{"retry-after", "17"}});
  const std::string bytes = Bytes(1000);
  EXPECT_EQ(Push(bytes), "uploaded");
  EXPECT_TRUE(Holds(bytes));
  EXPECT_THAT(Waits(), ElementsAre(testing::AllOf(testing::Ge(absl::Seconds(17)),
                                                  testing::Lt(absl::Seconds(18)))));
}

TEST_F(UploadTest, AChunkIsRepeatedWhenTheRegistryAsksFor) {
  server.largest_put = 0;
  server.answers_at = 2;
  server.answer = Answer(429, {{"retry-after", "Thu, 20 Aug 2026 06:00:17 GMT"}});
  const std::string bytes = Bytes(1000);
  EXPECT_EQ(Push(bytes), "uploaded");
  EXPECT_TRUE(Holds(bytes));
  EXPECT_THAT(Waits(), ElementsAre(testing::AllOf(testing::Ge(absl::Seconds(17)),
                                                  testing::Lt(absl::Seconds(18)))));
}

TEST_F(UploadTest, AnUploadHasFiveTries) {
  int puts = 0;
  answer = [&](const SentRequest& request) -> absl::StatusOr<HttpResponse> {
    if (request.method == "POST") return Answer(202, {{"location", "/up/1"}});
    if (request.method == "PUT") ++puts;
    return Answer(request.method == "PUT" ? 503 : 404);
  };
  EXPECT_THAT(Push("bytes"), HasSubstr("503"));
  EXPECT_EQ(puts, 5);
  EXPECT_EQ(Waits().size(), 4u);
}

TEST_F(UploadTest, AnHourIsNotWaited) {
  server.answers_at = 1;
  server.answer = Answer(503, {{"retry-after", "3600"}});
  EXPECT_THAT(Push("bytes"), HasSubstr("503"));
  EXPECT_THAT(Waits(), IsEmpty());
}

TEST_F(UploadTest, AChunksAnswerLeadsNowhereInternal) {
  server.largest_put = 0;
  const auto others = answer;
  for (const char* location : {"https://169.254.169.254/up", "http://reg.example/up/1"}) {
    answer = [&](const SentRequest& request) -> absl::StatusOr<HttpResponse> {
      if (request.method != "PATCH") return others(request);
      return Answer(202, {{"location", location}, {"range", "0-4"}});
    };
    EXPECT_THAT(Push("bytes"), HasSubstr("INVALID_ARGUMENT")) << location;
    for (const SentRequest& request : transport.Requests()) {
      EXPECT_THAT(request.url, testing::StartsWith("https://reg.example/"));
    }
  }
}

TEST_F(UploadTest, WhatIsGivenUpIsCancelled) {
  // The source fails.
  const OpenBlob broken = []() -> absl::StatusOr<std::unique_ptr<ByteReader>> {
    return absl::DataLossError("the source is broken");
  };
  EXPECT_THAT(Push(BlobOf("bytes"), broken), HasSubstr("the source is broken"));
  EXPECT_THAT(server.sessions, IsEmpty());
  // The source has other bytes.
  EXPECT_THAT(Push(BlobOf("bytes"), SourceOf("other")), HasSubstr("DATA_LOSS"));
  EXPECT_THAT(server.sessions, IsEmpty());
  // The registry refuses.
  server.largest_put = 0;
  server.refusal = Answer(403, {}, R"({"errors":[{"code":"DENIED"}]})");
  EXPECT_THAT(Push("bytes"), HasSubstr("DENIED"));
  EXPECT_THAT(server.sessions, IsEmpty());
  EXPECT_EQ(server.cancelled, 3);
}

TEST_F(UploadTest, ARegistryThatIsGoneIsNotToldGoodbye) {
  answer = [](const SentRequest& request) -> absl::StatusOr<HttpResponse> {
    if (request.method == "POST") return Answer(202, {{"location", "/up/1"}});
    return absl::UnavailableError("can't be reached");
  };
  EXPECT_THAT(Push("bytes"), HasSubstr("can't be reached"));
  EXPECT_THAT(Steps(), ElementsAre("POST", "PUT", "HEAD"));
}

TEST_F(UploadTest, ARegistryThatTakesNoChunkEither) {
  server.largest_put = 0;
  server.largest_patch = 0;
  EXPECT_THAT(Push("bytes"), HasSubstr("413"));
  EXPECT_THAT(Steps(), ElementsAre("POST", "PUT", "PATCH 0-4", "DELETE"));
}

TEST_F(UploadTest, CancellingTeachesThePushesNoScope) {
  LogIn();
  answer = [](const SentRequest& request) {
    if (request.url.find("/token") != std::string::npos) {
      const bool deletes = request.url.find("delete") != std::string::npos;
      return deletes ? Answer(403) : Answer(200, {}, R"({"token":"t"})");
    }
    if (request.authorization.empty()) {
      return Answer(401, {{"www-authenticate", R"(Bearer realm="/token")"}});
    }
    if (request.method == "POST") return Answer(202, {{"location", "/up/1"}});
    return Answer(403);
  };
  EXPECT_THAT(Push("bytes"), HasSubstr("403"));
  const std::size_t before = transport.Requests().size();
  EXPECT_THAT(Push("bytes"), HasSubstr("403"));
  EXPECT_THAT(transport.Lines().at(before), HasSubstr("POST"));
  EXPECT_EQ(transport.Requests().at(before).authorization, "Bearer t");
}

// The uploads go to a server of their own: none of its requests carries the registry's password.
TEST(UploadElsewhere, GetsNoCredentials) {
  std::atomic<int> patches{0};
  HttpServer storage([&patches](const ServedRequest& request) -> ServedResponse {
    const std::string end = std::to_string(request.body.size() - 1);
    if (request.method == "PUT") return {request.body.empty() ? 403 : 413, {}, ""};
    if (request.method == "GET") return {204, {{"Location", "/up/2"}, {"Range", "0-0"}}, ""};
    if (request.method == "DELETE") return {204, {}, ""};
    if (++patches == 1) return {503, {}, ""};
    return {202, {{"Location", "/up/3"}, {"Range", "0-" + end}}, ""};
  });
  HttpServer server([&storage](const ServedRequest& request) -> ServedResponse {
    if (request.Header("authorization").empty()) {
      return {401, {{"WWW-Authenticate", "Basic realm=x"}}, ""};
    }
    return {202, {{"Location", storage.url() + "/up/1"}}, ""};
  });
  FixedCredential credentials;
  credentials.credential.username = "me";
  credentials.credential.password = Secret("pass");
  const std::unique_ptr<Transport> transport = MakeCurlTransport({});
  const std::unique_ptr<Registry> registry = MakeDistributionRegistry(
      *transport, credentials,
      {.insecure_hosts = {}, .endpoints = {}, .waiting = {.sleep = [](absl::Duration) {}}});
  const Repository app = {Repository::Kind::kDistribution, server.host(), "app"};
  const auto pushed =
      registry->PushBlob(app, BlobOf("bytes"), SourceOf("bytes"), {.known_absent = true});
  EXPECT_TRUE(absl::IsPermissionDenied(pushed.status())) << pushed.status();
  EXPECT_THAT(storage.Lines(),
              ElementsAre(HasSubstr("PUT /up/1?digest="), "PATCH /up/1", "GET /up/1", "PATCH /up/2",
                          HasSubstr("PUT /up/3?digest="), "DELETE /up/3"));
  for (const ServedRequest& request : storage.Requests()) {
    EXPECT_EQ(request.Header("authorization"), "") << request.target;
  }
  EXPECT_THAT(server.Requests().back().Header("authorization"), testing::StartsWith("Basic "));
}

// Another transport behind a proxy that takes no large bodies.
class SmallBodies : public Transport {
 public:
  explicit SmallBodies(Transport& transport) : transport_(transport) {}

  absl::StatusOr<HttpResponse> Send(const HttpRequest& request) override {
    const auto size = static_cast<std::int64_t>(request.body.size()) + request.upload_size;
    if (size <= static_cast<std::int64_t>(kMebibyte)) return transport_.Send(request);
    HttpResponse response = Answer(413);
    response.url = request.url;
    return response;
  }
  absl::StatusOr<HttpStream> Open(const HttpRequest& request) override {
    return transport_.Open(request);
  }

 private:
  Transport& transport_;
};

TEST(UploadToDockerRegistry, ChunksMakeTheSameBlob) {
  const DockerRegistry server;
  const std::unique_ptr<Transport> curl = MakeCurlTransport({});
  SmallBodies transport(*curl);
  FixedCredential credentials;
  const std::unique_ptr<Registry> registry = MakeDistributionRegistry(transport, credentials, {});
  const std::string bytes = Bytes(3 * kMebibyte + 7);
  const Descriptor blob = BlobOf(bytes);
  const absl::StatusOr<PushOutcome> pushed =
      registry->PushBlob(server.At("app"), blob, SourceOf(bytes), {});
  ASSERT_TRUE(pushed.ok()) << pushed.status();
  const auto reader = registry->GetBlob(server.At("app"), blob);
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_TRUE(ReadAll(**reader).value_or("") == bytes);
}

// A session that is no longer open can't be told from one that never was.
TEST(UploadToDockerRegistry, WhatIsGivenUpLeavesNoSession) {
  const DockerRegistry server;
  const std::unique_ptr<Transport> transport = MakeCurlTransport({});
  FixedCredential credentials;
  const std::unique_ptr<Registry> registry = MakeDistributionRegistry(*transport, credentials, {});
  const OpenBlob broken = []() -> absl::StatusOr<std::unique_ptr<ByteReader>> {
    return absl::DataLossError("the source is broken");
  };
  EXPECT_FALSE(registry->PushBlob(server.At("app"), BlobOf("bytes"), broken, {}).ok());
  const std::vector<std::string> requests = server.Requests();
  EXPECT_THAT(requests.back(), HasSubstr("DELETE /v2/app/blobs/uploads/"));
  EXPECT_THAT(requests.back(), testing::EndsWith(" 204"));
}

}  // namespace
}  // namespace imglife
