// Servers that break off, drip or say nothing.
#include <algorithm>
#include <atomic>
#include <functional>
#include <latch>
#include <string>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "providers/http/curl_transport.h"
#include "tests/providers/http/raw_server.h"

namespace imglife {
namespace {

using ::testing::HasSubstr;

constexpr char kComplete[] = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone";

HttpRequest GetFrom(const RawServer& server) {
  HttpRequest request;
  request.url = server.url() + "/";
  return request;
}

class Endless : public ByteReader {
 public:
  absl::StatusOr<std::size_t> Read(char* buffer, std::size_t size) override {
    std::fill(buffer, buffer + size, 'x');
    return size;
  }
};

// What the first connection does; the second one answers.
absl::StatusOr<HttpResponse> SendTo(const std::function<void(int fd)>& first,
                                    const TransportSettings& settings, bool idempotent = true) {
  RawServer server([&first](int connection, int fd) {
    RawServer::ReadHead(fd);
    if (connection == 0) {
      first(fd);
    } else {
      RawServer::Write(fd, kComplete);
    }
  });
  HttpRequest request = GetFrom(server);
  request.idempotent = idempotent;
  return MakeCurlTransport(settings)->Send(request);
}

void CloseAtOnce(int) {}
void Reset(int fd) {
  RawServer::ResetOnClose(fd);
}
void HalfAHead(int fd) {
  RawServer::Write(fd, "HTTP/1.1 200 OK\r\nContent-Le");
}
void HalfABody(int fd) {
  RawServer::Write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndo");
}
void HalfAChunk(int fd) {
  RawServer::Write(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ndo");
}

TEST(BrokenServer, IsAskedAgain) {
  for (const auto& first : {CloseAtOnce, Reset, HalfAHead, HalfABody, HalfAChunk}) {
    const auto response = SendTo(first, {});
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->body, "done");
  }
}

TEST(BrokenServer, IsNotAskedAgainOnceTheProcessShallEnd) {
  EXPECT_EQ(SendTo(CloseAtOnce, {.stopped = [] { return true; }}).status().code(),
            absl::StatusCode::kUnavailable);
}

TEST(BrokenServer, IsNotAskedAgainForWhatMayHaveHappened) {
  for (const auto& first : {CloseAtOnce, Reset, HalfAHead, HalfABody, HalfAChunk}) {
    EXPECT_EQ(SendTo(first, {}, /*idempotent=*/false).status().code(),
              absl::StatusCode::kUnavailable);
  }
}

TEST(BrokenServer, ThatSaysNothingIsLeft) {
  const auto answer =
      SendTo(RawServer::AwaitClose, {.stall_timeout = absl::Milliseconds(200), .max_tries = 1});
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(std::string(answer.status().message()), HasSubstr("127.0.0.1:"));
}

// libcurl repeats by itself what a connection that was kept open gave no answer to.
TEST(BrokenServer, IsNotAskedAgainOnAnotherConnectionEither) {
  std::atomic<int> requests = 0;
  RawServer server([&](int connection, int fd) {
    if (!RawServer::ReadHead(fd).empty()) ++requests;
    RawServer::Write(fd, kComplete);
    if (connection == 0 && !RawServer::ReadHead(fd).empty()) ++requests;
  });
  const auto transport = MakeCurlTransport({});
  HttpRequest request = GetFrom(server);
  ASSERT_TRUE(transport->Send(request).ok());
  request.method = "DELETE";
  request.idempotent = false;
  const absl::Status status = transport->Send(request).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("closed the connection"));
  EXPECT_EQ(requests, 2);
}

// However many requests there are, a host that is silent is waited for once.
TEST(BrokenServer, ThatSaysNothingIsGivenUpForAllRequests) {
  const absl::Duration stall = absl::Milliseconds(200);
  RawServer server([](int, int fd) { RawServer::AwaitClose(fd); });
  std::atomic<int> told = 0;
  const auto transport = MakeCurlTransport({.max_connections_per_host = 1,
                                            .stall_timeout = stall,
                                            .max_retry_time = stall,
                                            .warn = [&](const std::string&) { ++told; }});
  EXPECT_EQ(transport->Send(GetFrom(server)).status().code(), absl::StatusCode::kDeadlineExceeded);
  const absl::Time given_up = absl::Now();
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(transport->Send(GetFrom(server)).status().code(),
              absl::StatusCode::kDeadlineExceeded);
  }
  EXPECT_LT(absl::Now() - given_up, 50 * stall);
  EXPECT_EQ(told, 1);
}

TEST(BrokenServer, ThatStopsInABodyEndsTheStream) {
  RawServer server([](int, int fd) {
    RawServer::ReadHead(fd);
    RawServer::Write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndo");
    RawServer::AwaitClose(fd);
  });
  const auto transport = MakeCurlTransport({.stall_timeout = absl::Milliseconds(200)});
  auto stream = transport->Open(GetFrom(server));
  ASSERT_TRUE(stream.ok()) << stream.status();
  char buffer[8];
  EXPECT_EQ(stream->body->Read(buffer, sizeof(buffer)).value(), 2u);
  EXPECT_EQ(stream->body->Read(buffer, sizeof(buffer)).status().code(),
            absl::StatusCode::kDeadlineExceeded);
}

// What moves is left alone, however long it takes.
TEST(BrokenServer, ThatDripsIsHeardToTheEnd) {
  constexpr absl::Duration kStall = absl::Milliseconds(400);
  const absl::Time start = absl::Now();
  RawServer server([&](int, int fd) {
    RawServer::ReadHead(fd);
    RawServer::Write(fd, "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n");
    for (int i = 0; i < 12; ++i) {
      absl::SleepFor(kStall / 8);
      RawServer::Write(fd, "x");
    }
  });
  const auto response =
      MakeCurlTransport({.stall_timeout = kStall, .max_tries = 1})->Send(GetFrom(server));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->body, std::string(12, 'x'));
  EXPECT_GT(absl::Now() - start, kStall);
}

// Nothing else would ever end these: no byte is late, and none is too many.
TEST(BrokenServer, ThatDripsForEverIsLeft) {
  constexpr absl::Duration kStall = absl::Milliseconds(100);
  const auto drip = [&](const std::string& start) {
    return [start, kStall](int fd) {
      bool open = RawServer::Write(fd, start);
      while (open) {
        absl::SleepFor(kStall / 8);
        open = RawServer::Write(fd, "x");
      }
    };
  };
  for (const char* start : {"HTTP/1.1 403 Forbidden\r\nContent-Length: 99999\r\n\r\n",
                            "HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"}) {
    const absl::Status status =
        SendTo(drip(start), {.stall_timeout = kStall, .max_tries = 1}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("less than 1024 bytes")) << start;
  }
}

// It says that it is at work.
TEST(BrokenServer, ThatThinksLongIsWaitedFor) {
  constexpr absl::Duration kStall = absl::Milliseconds(200);
  const auto answer = SendTo(
      [&](int fd) {
        for (int i = 0; i < 20; ++i) {
          absl::SleepFor(kStall / 4);
          RawServer::Write(fd, "HTTP/1.1 102 Processing\r\n\r\n");
        }
        RawServer::Write(fd, kComplete);
      },
      {.stall_timeout = kStall, .max_tries = 1});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->body, "done");
}

TEST(BrokenServer, ThatBreaksOffInABodyIsNoEndOfIt) {
  RawServer server([](int, int fd) {
    RawServer::ReadHead(fd);
    HalfABody(fd);
  });
  const auto transport = MakeCurlTransport({});
  auto stream = transport->Open(GetFrom(server));
  ASSERT_TRUE(stream.ok()) << stream.status();
  char buffer[8];
  absl::StatusOr<std::size_t> read = stream->body->Read(buffer, sizeof(buffer));
  while (read.ok() && *read > 0) read = stream->body->Read(buffer, sizeof(buffer));
  EXPECT_EQ(read.status().code(), absl::StatusCode::kUnavailable);
}

TEST(BrokenServer, WithAnEndlessHeadIsLeft) {
  constexpr int kLines = 100'000;
  int written = 0;
  const auto answer = SendTo(
      [&written](int fd) {
        RawServer::Write(fd, "HTTP/1.1 200 OK\r\n");
        const std::string line = "X-More: " + std::string(1000, 'x') + "\r\n";
        while (written < kLines && RawServer::Write(fd, line)) ++written;
        RawServer::Write(fd, "Content-Length: 0\r\n\r\n");
      },
      {.max_tries = 1});
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kResourceExhausted) << answer.status();
  EXPECT_LT(written, kLines) << "the client stayed";
}

TEST(BrokenServer, WithAnEndlessLineInItsHeadIsLeft) {
  const auto answer = SendTo(
      [](int fd) {
        RawServer::Write(fd, "HTTP/1.1 200 OK\r\nX-More: ");
        while (RawServer::Write(fd, std::string(10'000, 'x'))) {
        }
      },
      {.max_tries = 1});
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kResourceExhausted) << answer.status();
  EXPECT_THAT(std::string(answer.status().message()), HasSubstr("too long"));
}

TEST(BrokenServer, WithAnEndlessErrorIsLeft) {
  constexpr int kPieces = 100'000;
  int written = 0;
  const auto answer = SendTo(
      [&written](int fd) {
        RawServer::Write(fd, "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n");
        const std::string piece = "400\r\n" + std::string(1024, 'x') + "\r\n";
        while (written < kPieces && RawServer::Write(fd, piece)) ++written;
      },
      {.max_tries = 1});
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, 404);
  EXPECT_EQ(answer->body.size(), std::size_t{1} << 20);
  EXPECT_LT(written, kPieces) << "the client stayed";
}

TEST(BrokenServer, ThatStopsReadingAnUploadIsLeft) {
  std::latch left{1};
  RawServer server([&left](int, int fd) {
    RawServer::ReadHead(fd);
    left.wait();
  });
  const auto transport =
      MakeCurlTransport({.stall_timeout = absl::Milliseconds(200), .max_tries = 1});
  Endless endless;
  HttpRequest request = GetFrom(server);
  request.method = "PUT";
  request.upload = &endless;
  request.upload_size = std::int64_t{1} << 40;
  const absl::Status status = transport->Send(request).status();
  left.count_down();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded) << status;
}

// It accepts the connection and never greets.
TEST(BrokenServer, ThatNeverGetsToTlsIsLeft) {
  RawServer server([](int, int fd) { RawServer::AwaitClose(fd); });
  HttpRequest request = GetFrom(server);
  request.url.replace(0, 4, "https");
  const auto answer =
      MakeCurlTransport({.connect_timeout = absl::Milliseconds(200), .max_tries = 1})
          ->Send(request);
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kDeadlineExceeded) << answer.status();
  EXPECT_THAT(std::string(answer.status().message()), HasSubstr("did not take a connection"));
}

TEST(BrokenServer, ThatAnswersBeforeTheUploadEndsIsHeard) {
  RawServer server([](int, int fd) {
    RawServer::ReadHead(fd);
    RawServer::Write(fd,
                     "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    RawServer::AwaitClose(fd);
  });
  Endless endless;
  HttpRequest request = GetFrom(server);
  request.method = "PUT";
  request.upload = &endless;
  request.upload_size = std::int64_t{1} << 40;
  const auto answer = MakeCurlTransport({})->Send(request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, 401);
}

}  // namespace
}  // namespace imglife
