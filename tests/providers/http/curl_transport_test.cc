#include "providers/http/curl_transport.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <latch>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "providers/http/retry.h"
#include "tests/providers/http/get.h"
#include "tests/support/http_server.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// As many bytes as asked for, in pieces.
class Pattern : public ByteReader {
 public:
  explicit Pattern(std::size_t size, std::size_t fail_at = SIZE_MAX)
      : size_(size), fail_at_(fail_at) {}

  absl::StatusOr<std::size_t> Read(char* buffer, std::size_t size) override {
    if (done_ >= fail_at_) return absl::DataLossError("the source is broken");
    const std::size_t count = std::min({size, size_ - done_, std::size_t{10'000}});
    for (std::size_t i = 0; i < count; ++i) buffer[i] = At(done_ + i);
    done_ += count;
    return count;
  }

  static char At(std::size_t i) { return static_cast<char>('a' + i % 23); }
  static std::string Text(std::size_t size) {
    std::string text(size, ' ');
    for (std::size_t i = 0; i < size; ++i) text[i] = At(i);
    return text;
  }
  std::size_t done() const { return done_; }

 private:
  const std::size_t size_;
  const std::size_t fail_at_;
  std::size_t done_ = 0;
};

absl::StatusOr<std::string> ReadAll(ByteReader& reader) {
  std::string all;
  std::vector<char> piece(4096);
  while (true) {
    const auto count = reader.Read(piece.data(), piece.size());
    if (!count.ok()) return count.status();
    if (*count == 0) return all;
    all.append(piece.data(), *count);
  }
}

// Fails `times` with `status`, then says "done".
class Flaky {
 public:
  Flaky(int times, int status, std::multimap<std::string, std::string> headers = {})
      : server_([this, times, status, headers](const ServedRequest&) -> ServedResponse {
          if (count_++ < times) return {status, headers, "not now"};
          return {200, {}, "done"};
        }) {}

  const HttpServer& server() const { return server_; }

 private:
  std::atomic<int> count_{0};
  HttpServer server_;
};

TEST(CurlTransport, SendsWhatItIsGiven) {
  HttpServer server([](const ServedRequest& request) -> ServedResponse {
    return {201, {{"X-Answer", " yes "}, {"Location", "/there"}}, "got " + request.body};
  });
  const auto transport = MakeCurlTransport({.user_agent = "imglife/1.0"});
  HttpRequest request = Get(server.url() + "/v2/a/blobs/uploads/?x=1");
  request.method = "POST";
  request.headers = {{"Accept", "text/plain"}, {"Content-Type", "application/json"}};
  request.authorization = Secret("Bearer abc");
  request.body = "body";
  const auto response = transport->Send(request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->body, "got body");
  EXPECT_EQ(response->Header("x-answer"), "yes");
  EXPECT_EQ(response->Header("nothing"), "");
  const ServedRequest seen = server.Requests().at(0);
  EXPECT_EQ(seen.target, "/v2/a/blobs/uploads/?x=1");
  EXPECT_EQ(seen.Header("accept"), "text/plain");
  EXPECT_EQ(seen.Header("content-type"), "application/json");
  EXPECT_EQ(seen.Header("authorization"), "Bearer abc");
  EXPECT_EQ(seen.Header("user-agent"), "imglife/1.0");
  EXPECT_EQ(seen.Header("expect"), "");
}

TEST(CurlTransport, EveryMethodGoesOutAsItself) {
  HttpServer server([](const ServedRequest&) -> ServedResponse { return {}; });
  const auto transport = MakeCurlTransport({});
  for (const char* method : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}) {
    HttpRequest request = Get(server.url() + "/x");
    request.method = method;
    ASSERT_TRUE(transport->Send(request).ok()) << method;
  }
  EXPECT_THAT(server.Lines(),
              ElementsAre("GET /x", "HEAD /x", "POST /x", "PUT /x", "PATCH /x", "DELETE /x"));
  EXPECT_EQ(server.Requests().at(2).Header("content-length"), "0");
  EXPECT_EQ(server.Requests().at(3).Header("content-type"), "");
}

TEST(CurlTransport, AnyStatusIsAnAnswer) {
  HttpServer server([](const ServedRequest&) -> ServedResponse { return {404, {}, "no such"}; });
  const auto response = MakeCurlTransport({})->Send(Get(server.url()));
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 404);
  EXPECT_EQ(response->body, "no such");
}

TEST(CurlTransport, RetriesWhatPasses) {
  for (const int status : {408, 429, 500, 502, 503, 504}) {
    const Flaky flaky(1, status);
    const auto response = MakeCurlTransport({})->Send(Get(flaky.server().url()));
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->body, "done") << status;
    EXPECT_EQ(flaky.server().Requests().size(), 2u);
  }
}

TEST(CurlTransport, WaitsBetweenItsTries) {
  const Flaky flaky(2, 503);
  const absl::Time start = absl::Now();
  EXPECT_EQ(MakeCurlTransport({})->Send(Get(flaky.server().url()))->body, "done");
  EXPECT_GE(absl::Now() - start, BackoffDelay(1, 0) + BackoffDelay(2, 0));
}

// registry.md, "OCI Distribution".
TEST(CurlTransport, WaitsAsLongAsTheSpecificationSays) {
  const TransportSettings settings;
  EXPECT_EQ(settings.connect_timeout, absl::Seconds(10));
  EXPECT_EQ(settings.stall_timeout, absl::Seconds(30));
  EXPECT_EQ(settings.max_tries, 5);
  EXPECT_EQ(settings.max_retry_time, absl::Minutes(2));
}

TEST(CurlTransport, GivesTheLastAnswerWhenTriesAreOver) {
  const Flaky flaky(9, 503);
  const auto response = MakeCurlTransport({.max_tries = 3})->Send(Get(flaky.server().url()));
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 503);
  EXPECT_EQ(flaky.server().Requests().size(), 3u);
}

// Whoever comes back earlier than told is refused again.
TEST(CurlTransport, ComesBackAtTheDateThatItIsTold) {
  std::atomic<std::int64_t> opens{0};
  HttpServer server([&opens](const ServedRequest&) -> ServedResponse {
    const std::int64_t now = absl::ToUnixSeconds(absl::Now());
    if (opens == 0) opens = now + 2;
    if (now >= opens) return {200, {}, "done"};
    const std::string date = absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT",
                                              absl::FromUnixSeconds(opens), absl::UTCTimeZone());
    return {503, {{"Retry-After", date}}, ""};
  });
  const auto response = MakeCurlTransport({})->Send(Get(server.url()));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->body, "done");
  EXPECT_EQ(server.Requests().size(), 2u);
}

TEST(CurlTransport, AHostThatTurnsAllAwayIsGivenUp) {
  const Flaky busy(1'000'000, 429);
  const auto transport = MakeCurlTransport({.max_retry_time = absl::Milliseconds(300)});
  absl::StatusOr<HttpResponse> response;
  for (int i = 0; i < 100; ++i) {
    response = transport->Send(Get(busy.server().url()));
    if (!response.ok() && absl::StrContains(response.status().message(), "everything with 429")) {
      break;
    }
  }
  EXPECT_THAT(std::string(response.status().message()), HasSubstr("everything with 429"));
  const std::size_t asked = busy.server().Requests().size();
  EXPECT_FALSE(transport->Send(Get(busy.server().url())).ok());
  EXPECT_EQ(busy.server().Requests().size(), asked);
}

TEST(CurlTransport, AHostThatAsksForLessSlowsNoOther) {
  const Flaky busy(9, 429, {{"Retry-After", "7200"}});
  HttpServer other([](const ServedRequest&) -> ServedResponse { return {200, {}, "here"}; });
  const auto transport = MakeCurlTransport({});
  EXPECT_EQ(transport->Send(Get(busy.server().url()))->status, 429);
  EXPECT_EQ(transport->Send(Get(other.url()))->body, "here");
}

TEST(CurlTransport, TellsOfItsRequestsWithoutWhatMayBeSecret) {
  HttpServer server([](const ServedRequest& request) -> ServedResponse {
    return {request.path == "/a" ? 404 : 200, {}, "body"};
  });
  std::vector<std::string> lines;
  const auto transport = MakeCurlTransport(
      {.max_tries = 1, .log = [&](const std::string& line) { lines.push_back(line); }});
  const std::string login = server.url().substr(std::string("http://").size());
  HttpRequest request = Get("http://me:secret@" + login + "/a?sig=secret");
  request.authorization = Secret("Bearer secret");
  ASSERT_TRUE(transport->Send(request).ok());
  ASSERT_TRUE(transport->Open(Get(server.url() + "/b")).ok());
  EXPECT_FALSE(transport->Send(Get("http://127.0.0.1:1/c")).ok());
  EXPECT_THAT(lines, ElementsAre("GET " + server.url() + "/a 404", "GET " + server.url() + "/b 200",
                                 "GET http://127.0.0.1:1/c: 127.0.0.1:1 can't be reached: it "
                                 "refuses connections"));
}

TEST(CurlTransport, DoesNotWaitLongerThanItMay) {
  const Flaky flaky(9, 503, {{"Retry-After", "3600"}});
  const auto response = MakeCurlTransport({})->Send(Get(flaky.server().url()));
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 503);
  EXPECT_EQ(flaky.server().Requests().size(), 1u);
}

TEST(CurlTransport, AHostThatAsksForHoursIsLeftAlone) {
  const absl::Time start = absl::Now();
  const Flaky flaky(9, 429, {{"Retry-After", "7200"}});
  const auto transport = MakeCurlTransport({});
  const auto response = transport->Send(Get(flaky.server().url()));
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->status, 429);
  // Others hear of it without asking.
  const absl::Status status = transport->Send(Get(flaky.server().url() + "/other")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("429"));
  EXPECT_EQ(flaky.server().Requests().size(), 1u);
  EXPECT_LT(absl::Now() - start, absl::Seconds(10));
}

// Whoever else asks the host waits as long.
TEST(CurlTransport, APauseThatOneIsAskedForIsKeptByAll) {
  constexpr int kOthers = 4;
  std::mutex mutex;
  absl::Time pause_ends = absl::InfinitePast();
  int early = 0;
  HttpServer server([&](const ServedRequest& request) -> ServedResponse {
    const std::lock_guard lock(mutex);
    if (request.path == "/first") {
      pause_ends = absl::Now() + absl::Seconds(1);
      return {429, {{"Retry-After", "1"}}, ""};
    }
    if (absl::Now() < pause_ends) ++early;
    return {200, {}, ""};
  });
  const auto transport = MakeCurlTransport({});
  HttpRequest first = Get(server.url() + "/first");
  first.idempotent = false;
  EXPECT_EQ(transport->Send(first)->status, 429);
  std::vector<std::thread> others;
  for (int i = 0; i < kOthers; ++i) {
    others.emplace_back([&] { EXPECT_EQ(transport->Send(Get(server.url()))->status, 200); });
  }
  for (std::thread& other : others) other.join();
  EXPECT_EQ(early, 0);
  EXPECT_EQ(server.Requests().size(), std::size_t{1 + kOthers});
}

TEST(CurlTransport, ASpentQuotaIsNoReasonToWaitOrToAskAgain) {
  HttpServer server([](const ServedRequest& request) -> ServedResponse {
    if (request.method == "HEAD") return {200, {}, ""};
    return {429, {{"RateLimit-Remaining", "0;w=21600"}}, "toomanyrequests"};
  });
  const auto transport = MakeCurlTransport({});
  EXPECT_EQ(transport->Send(Get(server.url()))->status, 429);
  // Docker Hub counts GETs of manifests alone.
  HttpRequest head = Get(server.url());
  head.method = "HEAD";
  EXPECT_EQ(transport->Send(head)->status, 200);
  EXPECT_EQ(server.Requests().size(), 2u);
}

// A server that takes a few requests in each tenth of a second from all clients together.
TEST(CurlTransport, ABusyServerServesEverybodyInTheEnd) {
  std::mutex mutex;
  std::int64_t tenth = 0;
  int taken = 0;
  HttpServer server([&](const ServedRequest&) -> ServedResponse {
    const std::lock_guard lock(mutex);
    const std::int64_t now = absl::ToUnixMillis(absl::Now()) / 100;
    if (now != tenth) taken = 0;
    tenth = now;
    return {++taken > 5 ? 429 : 200, {}, ""};
  });
  // As many as the server has threads: a connection that is kept open occupies one.
  const auto transport = MakeCurlTransport({.max_connections_per_host = 8});
  std::atomic<int> served{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 50; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 2; ++j) {
        const auto response = transport->Send(Get(server.url()));
        if (response.ok() && response->status == 200) ++served;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(served, 100);
}

TEST(CurlTransport, RetriesNothingThatMayHaveHappened) {
  const Flaky flaky(1, 503);
  HttpRequest request = Get(flaky.server().url());
  request.method = "POST";
  request.idempotent = false;
  EXPECT_EQ(MakeCurlTransport({})->Send(request)->status, 503);
  EXPECT_EQ(flaky.server().Requests().size(), 1u);
}

TEST(CurlTransport, RefusesABodyThatIsTooLarge) {
  HttpServer server([](const ServedRequest&) -> ServedResponse {
    return {200, {}, std::string(2000, 'x')};
  });
  HttpRequest request = Get(server.url());
  request.max_body = 1999;
  EXPECT_EQ(MakeCurlTransport({})->Send(request).status().code(),
            absl::StatusCode::kResourceExhausted);
  request.max_body = 2000;
  EXPECT_TRUE(MakeCurlTransport({})->Send(request).ok());
}

TEST(CurlTransport, CutsTheExplanationOfAnError) {
  HttpServer server([](const ServedRequest&) -> ServedResponse {
    return {400, {}, std::string(2000, 'x')};
  });
  HttpRequest request = Get(server.url());
  request.max_body = 100;
  const auto response = MakeCurlTransport({})->Send(request);
  ASSERT_TRUE(response.ok());
  EXPECT_EQ(response->body, std::string(100, 'x'));
}

// However much the request is ready to read: a list of tags may be large, an error is not.
TEST(CurlTransport, ReadsNoMoreThanAMebibyteOfAnError) {
  HttpServer server([](const ServedRequest&) -> ServedResponse {
    return {400, {}, std::string(std::size_t{3} << 20, 'x')};
  });
  HttpRequest request = Get(server.url());
  request.max_body = std::size_t{64} << 20;
  const auto sent = MakeCurlTransport({})->Send(request);
  ASSERT_TRUE(sent.ok()) << sent.status();
  EXPECT_EQ(sent->body.size(), std::size_t{1} << 20);
  const auto opened = MakeCurlTransport({})->Open(request);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->head.body.size(), std::size_t{1} << 20);
}

TEST(CurlTransport, FollowsRedirectsOnlyWhenAsked) {
  HttpServer server([](const ServedRequest& request) -> ServedResponse {
    if (request.path == "/from") return {307, {{"Location", "to"}}, ""};
    return {200, {}, "arrived"};
  });
  HttpRequest request = Get(server.url() + "/from");
  EXPECT_EQ(MakeCurlTransport({})->Send(request)->status, 307);
  request.follow_redirects = true;
  const auto response = MakeCurlTransport({})->Send(request);
  EXPECT_EQ(response->body, "arrived");
  EXPECT_EQ(response->url, server.url() + "/to");
}

TEST(CurlTransport, TakesNoCredentialToAnotherServer) {
  HttpServer other([](const ServedRequest&) -> ServedResponse { return {200, {}, "here"}; });
  HttpServer server([&other](const ServedRequest& request) -> ServedResponse {
    if (request.path == "/away") return {302, {{"Location", other.url() + "/blob"}}, ""};
    if (request.path == "/near") return {302, {{"Location", "/end"}}, ""};
    return {};
  });
  const auto transport = MakeCurlTransport({});
  for (const char* path : {"/away", "/near"}) {
    HttpRequest request = Get(server.url() + path);
    request.authorization = Secret("Basic c2VjcmV0");
    request.follow_redirects = true;
    ASSERT_TRUE(transport->Send(request).ok());
  }
  EXPECT_EQ(other.Requests().at(0).Header("authorization"), "");
  EXPECT_EQ(server.Requests().back().Header("authorization"), "Basic c2VjcmV0");
}

TEST(CurlTransport, LeavesACircleOfRedirects) {
  HttpServer server([](const ServedRequest&) -> ServedResponse {
    return {302, {{"Location", "/again"}}, ""};
  });
  HttpRequest request = Get(server.url());
  request.follow_redirects = true;
  EXPECT_EQ(MakeCurlTransport({})->Send(request).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(server.Requests().size(), 11u);
}

TEST(CurlTransport, RefusesHeadersThatWouldStartAnother) {
  const auto transport = MakeCurlTransport({});
  HttpRequest request = Get("http://127.0.0.1:1");
  request.headers = {{"Accept", "a\r\nX-Evil: b"}};
  EXPECT_EQ(transport->Send(request).status().code(), absl::StatusCode::kInvalidArgument);
  request.headers.clear();
  request.authorization = Secret("Bearer secret\nX: y");
  const absl::Status status = transport->Send(request).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("secret")));
}

TEST(CurlTransport, SpeaksOnlyHttp) {
  for (const char* url : {"file:///etc/passwd", "ftp://example.com/x", "no url", ""}) {
    EXPECT_EQ(MakeCurlTransport({})->Send(Get(url)).status().code(),
              absl::StatusCode::kInvalidArgument)
        << url;
  }
}

TEST(CurlTransport, StreamsABodyLargerThanItsBuffer) {
  constexpr std::size_t kSize = 5'000'000;
  HttpServer server([](const ServedRequest&) -> ServedResponse {
    return {200, {}, Pattern::Text(kSize)};
  });
  const auto transport = MakeCurlTransport({});
  auto stream = transport->Open(Get(server.url()));
  ASSERT_TRUE(stream.ok()) << stream.status();
  EXPECT_EQ(stream->head.status, 200);
  EXPECT_EQ(stream->head.body, "");
  const auto body = ReadAll(*stream->body);
  ASSERT_TRUE(body.ok()) << body.status();
  EXPECT_TRUE(*body == Pattern::Text(kSize));
}

TEST(CurlTransport, StreamsOnlySuccess) {
  HttpServer server([](const ServedRequest&) -> ServedResponse { return {403, {}, "denied"}; });
  const auto stream = MakeCurlTransport({})->Open(Get(server.url()));
  ASSERT_TRUE(stream.ok());
  EXPECT_EQ(stream->head.status, 403);
  EXPECT_EQ(stream->head.body, "denied");
  EXPECT_EQ(stream->body, nullptr);
}

TEST(CurlTransport, AReaderMayGoBeforeTheEnd) {
  HttpServer server([](const ServedRequest&) -> ServedResponse {
    return {200, {}, Pattern::Text(5'000'000)};
  });
  const auto transport = MakeCurlTransport({});
  for (int i = 0; i < 3; ++i) {
    auto stream = transport->Open(Get(server.url()));
    ASSERT_TRUE(stream.ok());
    char c = '\0';
    EXPECT_EQ(stream->body->Read(&c, 1).value(), 1u);
  }
  EXPECT_TRUE(transport->Open(Get(server.url())).ok());
}

TEST(CurlTransport, UploadsAStreamWithItsLength) {
  constexpr std::size_t kSize = 5'000'000;
  HttpServer server([](const ServedRequest& request) -> ServedResponse {
    return {request.body == Pattern::Text(kSize) ? 201 : 400, {}, ""};
  });
  Pattern pattern(kSize);
  HttpRequest request = Get(server.url());
  request.method = "PUT";
  request.upload = &pattern;
  request.upload_size = kSize;
  EXPECT_EQ(MakeCurlTransport({})->Send(request)->status, 201);
  EXPECT_EQ(server.Requests().at(0).Header("content-length"), "5000000");
}

TEST(CurlTransport, GivesTheErrorOfWhatItUploads) {
  HttpServer server([](const ServedRequest&) -> ServedResponse { return {}; });
  Pattern pattern(100'000, 50'000);
  HttpRequest request = Get(server.url());
  request.method = "PUT";
  request.upload = &pattern;
  request.upload_size = 100'000;
  EXPECT_EQ(MakeCurlTransport({})->Send(request).status(),
            absl::DataLossError("the source is broken"));
}

TEST(CurlTransport, ReadsNothingForAnUploadThatCannotStart) {
  Pattern pattern(1000);
  HttpRequest request = Get("http://127.0.0.1:1");
  request.method = "PUT";
  request.upload = &pattern;
  request.upload_size = 1000;
  EXPECT_EQ(MakeCurlTransport({.max_tries = 2})->Send(request).status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(pattern.done(), 0u);
}

TEST(CurlTransport, NamesTheHostThatCannotBeReached) {
  const auto transport = MakeCurlTransport({.max_tries = 1});
  EXPECT_EQ(transport->Send(Get("http://user:secret@127.0.0.1:1/x")).status(),
            absl::UnavailableError("127.0.0.1:1 can't be reached: it refuses connections"));
  EXPECT_EQ(transport->Send(Get("http://nowhere.invalid/x")).status(),
            absl::UnavailableError("the host nowhere.invalid can't be found"));
}

// A request to one host must not wait for a host that is full. Here the full one answers only once
// the other has answered all, as the two ends of a copy wait for each other.
TEST(CurlTransport, AFullHostHoldsUpNoOther) {
  constexpr int kRequests = 4;
  std::latch others_left(kRequests);
  std::promise<void> all_others_answered;
  const std::shared_future<void> all_answered = all_others_answered.get_future().share();
  HttpServer full([&](const ServedRequest&) -> ServedResponse {
    const bool in_time =
        all_answered.wait_for(std::chrono::seconds(20)) == std::future_status::ready;
    return {in_time ? 200 : 400, {}, ""};
  });
  HttpServer free([](const ServedRequest&) -> ServedResponse { return {200, {}, ""}; });
  const auto transport = MakeCurlTransport({.max_connections_per_host = 1});
  std::vector<std::thread> threads;
  for (int i = 0; i < kRequests; ++i) {
    threads.emplace_back([&] { EXPECT_EQ(transport->Send(Get(full.url()))->status, 200); });
  }
  for (int i = 0; i < kRequests; ++i) {
    threads.emplace_back([&] {
      EXPECT_EQ(transport->Send(Get(free.url()))->status, 200);
      others_left.count_down();
    });
  }
  others_left.wait();
  all_others_answered.set_value();
  for (std::thread& thread : threads) thread.join();
}

TEST(CurlTransport, ServesManyThreadsAtOnce) {
  HttpServer server([](const ServedRequest& request) -> ServedResponse {
    return {200, {}, request.path + Pattern::Text(100'000)};
  });
  const auto transport = MakeCurlTransport({.max_connections_per_host = 4});
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 32; ++i) {
    threads.emplace_back([&, i] {
      for (int j = 0; j < 5; ++j) {
        const std::string path = fmt::format("/{}/{}", i, j);
        auto stream = transport->Open(Get(server.url() + path));
        if (stream.ok() && ReadAll(*stream->body).value_or("") == path + Pattern::Text(100'000)) {
          ++right;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 32 * 5);
}

}  // namespace
}  // namespace imglife
