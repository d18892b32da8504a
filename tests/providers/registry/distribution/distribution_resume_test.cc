// Transfers of blobs that break off and go on.
#include <algorithm>
#include <deque>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include <fmt/format.h>

#include "providers/http/curl_transport.h"
#include "providers/registry/distribution/resuming_reader.h"
#include "tests/providers/registry/distribution/scripted_registry.h"
#include "tests/support/byte_readers.h"
#include "tests/support/docker_registry.h"

namespace imglife {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Gives `left` bytes of a stream at most, then fails.
class BreakingStream : public ByteReader {
 public:
  BreakingStream(std::unique_ptr<ByteReader> source, std::size_t left, absl::Status failure)
      : source_(std::move(source)), left_(left), failure_(std::move(failure)) {}

  absl::StatusOr<std::size_t> Read(char* buffer, std::size_t size) override {
    if (left_ == 0) return failure_;
    const absl::StatusOr<std::size_t> count = source_->Read(buffer, std::min(size, left_));
    if (count.ok()) left_ -= *count;
    return count;
  }

 private:
  std::unique_ptr<ByteReader> source_;
  std::size_t left_;
  const absl::Status failure_;
};

// Another transport whose streams break off, each after as many bytes as `breaks` says next.
class BreakingTransport : public Transport {
 public:
  explicit BreakingTransport(Transport& transport) : transport_(transport) {}

  absl::StatusOr<HttpResponse> Send(const HttpRequest& request) override {
    return transport_.Send(request);
  }

  absl::StatusOr<HttpStream> Open(const HttpRequest& request) override {
    absl::StatusOr<HttpStream> stream = transport_.Open(request);
    if (!stream.ok() || stream->body == nullptr || breaks.empty()) return stream;
    stream->body = std::make_unique<BreakingStream>(std::move(stream->body), breaks.front(), error);
    breaks.pop_front();
    return stream;
  }

  std::deque<std::size_t> breaks;
  absl::Status error = absl::UnavailableError("the connection broke");

 private:
  Transport& transport_;
};

class ResumeTest : public testing::Test {
 protected:
  ResumeTest() {
    blob.digest = Digest::OfBytes(kBytes);
    blob.size = static_cast<std::int64_t>(kBytes.size());
    answer = [this](const SentRequest& request) { return Rest(request); };
  }

  // What a server that knows ranges says.
  HttpResponse Rest(const SentRequest& request) const {
    const std::string range = request.Header("range");
    if (range.empty()) return Answer(200, {{"content-length", "10"}}, kBytes);
    const std::size_t from = std::stoul(range.substr(std::string("bytes=").size()));
    return Answer(206, {{"content-range", fmt::format("bytes {}-9/10", from)}},
                  kBytes.substr(from));
  }

  std::string Get() {
    const absl::StatusOr<std::unique_ptr<ByteReader>> reader = registry->GetBlob(app, blob);
    if (!reader.ok()) return reader.status().ToString();
    const absl::StatusOr<std::string> bytes = ReadAll(**reader);
    return bytes.ok() ? *bytes : bytes.status().ToString();
  }

  std::vector<std::string> Ranges() const {
    std::vector<std::string> ranges;
    for (const SentRequest& request : fake.Requests()) ranges.push_back(request.Header("range"));
    return ranges;
  }

  const std::string kBytes = "0123456789";
  Descriptor blob;
  std::function<absl::StatusOr<HttpResponse>(const SentRequest&)> answer;
  ScriptedTransport fake{[this](const SentRequest& request) { return answer(request); }};
  BreakingTransport transport{fake};
  FixedCredential credentials;
  std::vector<absl::Duration> waits;
  const std::unique_ptr<Registry> registry = MakeDistributionRegistry(
      transport, credentials,
      {.insecure_hosts = {}, .endpoints = {}, .waiting = {.sleep = [this](absl::Duration time) {
                                                waits.push_back(time);
                                              }}});
  const Repository app = {Repository::Kind::kDistribution, "reg.example", "acme/app"};
};

TEST_F(ResumeTest, GoesOnWhereItBrokeOff) {
  transport.breaks = {4, 3};
  EXPECT_EQ(Get(), kBytes);
  EXPECT_THAT(Ranges(), ElementsAre("", "bytes=4-", "bytes=7-"));
}

TEST_F(ResumeTest, ATransferThatStallsIsResumedToo) {
  transport.error = absl::DeadlineExceededError("nothing came");
  transport.breaks = {0};
  EXPECT_EQ(Get(), kBytes);
  EXPECT_THAT(Ranges(), ElementsAre("", "bytes=0-"));
}

TEST_F(ResumeTest, GivesUpInTheEnd) {
  transport.breaks.assign(20, 1);
  EXPECT_THAT(Get(), HasSubstr("the connection broke"));
  EXPECT_EQ(Ranges().size(), 5u);
}

TEST_F(ResumeTest, WaitsLongerEachTime) {
  transport.breaks.assign(20, 1);
  Get();
  ASSERT_EQ(waits.size(), 4u);
  for (std::size_t i = 0; i < waits.size(); ++i) {
    const absl::Duration most = absl::Milliseconds(250) * (1 << i);
    EXPECT_GE(waits[i], most / 2);
    EXPECT_LE(waits[i], most);
  }
}

// A large blob over a bad line: what moves is not given up.
TEST(ResumingReader, ProgressEarnsNewTries) {
  constexpr std::size_t kPart = std::size_t{8} << 20;
  constexpr std::int64_t kParts = 12;
  int opened = 0;
  const auto open_at = [&](std::int64_t offset) -> absl::StatusOr<std::unique_ptr<ByteReader>> {
    ++opened;
    const std::int64_t left = kParts * static_cast<std::int64_t>(kPart) - offset;
    if (left == 0) return ReaderOf("");
    return std::make_unique<BreakingStream>(ReaderOf(std::string(kPart + 1, 'x')), kPart,
                                            absl::UnavailableError("the connection broke"));
  };
  const Waiting none{.now = [] { return absl::UnixEpoch(); }, .sleep = [](absl::Duration) {}};
  const auto reader = MakeResumingReader(*open_at(0), open_at, Retries(none));
  const absl::StatusOr<std::string> all = ReadAll(*reader);
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(all->size(), kParts * kPart);
  EXPECT_EQ(opened, kParts + 1);
}

TEST_F(ResumeTest, OtherErrorsAreFinal) {
  transport.error = absl::CancelledError("stopped");
  transport.breaks = {4};
  EXPECT_THAT(Get(), HasSubstr("stopped"));
  EXPECT_EQ(Ranges().size(), 1u);
}

TEST_F(ResumeTest, AServerWithoutRangesEndsIt) {
  answer = [this](const SentRequest&) { return Answer(200, {}, kBytes); };
  transport.breaks = {4};
  EXPECT_THAT(Get(), HasSubstr("the connection broke"));
}

TEST_F(ResumeTest, ARefusalIsReported) {
  answer = [this](const SentRequest& request) {
    return request.Header("range").empty() ? Rest(request) : Answer(403);
  };
  transport.breaks = {4};
  EXPECT_THAT(Get(), HasSubstr("PERMISSION_DENIED"));
}

TEST_F(ResumeTest, OtherBytesThanAskedForAreDataLoss) {
  for (const char* range : {"", "bytes 3-9/10", "bytes 40-49/50"}) {
    answer = [this, range](const SentRequest& request) {
      HttpResponse response = Rest(request);
      if (response.status == 206) {
        response.headers.erase("content-range");
        response.headers.emplace("content-range", range);
      }
      return response;
    };
    transport.breaks = {4};
    EXPECT_THAT(Get(), HasSubstr("DATA_LOSS")) << range;
  }
  answer = [this](const SentRequest& request) {
    HttpResponse response = Rest(request);
    if (response.status == 206) response.body.back() = 'x';
    return response;
  };
  transport.breaks = {4};
  EXPECT_THAT(Get(), HasSubstr("DATA_LOSS"));
}

TEST(ResumeOnDockerRegistry, ALargeBlobArrivesInSpiteOfBreaks) {
  const DockerRegistry server;
  const std::unique_ptr<Transport> curl = MakeCurlTransport({});
  BreakingTransport transport(*curl);
  FixedCredential credentials;
  const std::unique_ptr<Registry> registry = MakeDistributionRegistry(transport, credentials, {});
  std::string bytes(3 << 20, 'x');
  for (std::size_t i = 0; i < bytes.size(); i += 97) bytes[i] = static_cast<char>(i % 251);
  Descriptor blob;
  blob.digest = Digest::OfBytes(bytes);
  blob.size = static_cast<std::int64_t>(bytes.size());
  ASSERT_TRUE(registry->PushBlob(server.At("from"), blob, SourceOf(bytes), {}).ok());

  transport.breaks = {1'000'000, 0, 1'500'000};
  const OpenBlob open = [&] { return registry->GetBlob(server.At("from"), blob); };
  const absl::StatusOr<PushOutcome> copied = registry->PushBlob(server.At("to"), blob, open, {});
  ASSERT_TRUE(copied.ok()) << copied.status();
  EXPECT_EQ(*copied, PushOutcome::kUploaded);
  EXPECT_THAT(transport.breaks, IsEmpty());
  EXPECT_TRUE(registry->BlobExists(server.At("to"), blob.digest).value_or(false));
}

}  // namespace
}  // namespace imglife
