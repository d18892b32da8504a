// Blobs pass through bounded memory, whichever end is the slower one.
#include <algorithm>
#include <string>
#include <sys/resource.h>
#include <vector>

#include "gtest/gtest.h"
#include <fmt/format.h>

#include "providers/http/curl_transport.h"
#include "tests/providers/registry/distribution/scripted_registry.h"
#include "tests/support/docker_registry.h"

namespace imglife {
namespace {

constexpr std::size_t kBlobSize = std::size_t{64} << 20;
// The pipes of both directions hold 1 MiB each; the rest is for libraries.
constexpr std::size_t kMostMemory = std::size_t{16} << 20;

// The most memory that this process has had so far, in bytes.
std::size_t PeakMemory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::size_t>(usage.ru_maxrss) * 1024;
}

// A blob that is nowhere: its bytes are made as they are asked for.
class MadeBytes : public ByteReader {
 public:
  absl::StatusOr<std::size_t> Read(char* buffer, std::size_t size) override {
    const std::size_t count = std::min(size, kBlobSize - given_);
    std::fill_n(buffer, count, 'x');
    given_ += count;
    return count;
  }

 private:
  std::size_t given_ = 0;
};

Descriptor DescribeMadeBytes() {
  Hasher hasher("sha256");
  const std::string piece(std::size_t{1} << 20, 'x');
  for (std::size_t i = 0; i < kBlobSize; i += piece.size()) hasher.Update(piece);
  Descriptor blob;
  blob.digest = hasher.Finish();
  blob.size = static_cast<std::int64_t>(kBlobSize);
  return blob;
}

// Takes small pieces, so that the other end is always ahead.
class SmallReads : public ByteReader {
 public:
  explicit SmallReads(std::unique_ptr<ByteReader> source) : source_(std::move(source)) {}

  absl::StatusOr<std::size_t> Read(char* buffer, std::size_t size) override {
    return source_->Read(buffer, std::min<std::size_t>(size, 1000));
  }

 private:
  std::unique_ptr<ByteReader> source_;
};

class MemoryTest : public testing::Test {
 protected:
  DockerRegistry server;
  std::unique_ptr<Transport> transport = MakeCurlTransport({});
  FixedCredential credentials;
  std::unique_ptr<Registry> registry = MakeDistributionRegistry(*transport, credentials, {});
  const Descriptor blob = DescribeMadeBytes();
};

TEST_F(MemoryTest, IsBoundedWhileABlobIsPushedAndCopied) {
  const std::size_t before = PeakMemory();
  const auto make = []() -> absl::StatusOr<std::unique_ptr<ByteReader>> {
    return std::make_unique<MadeBytes>();
  };
  const absl::StatusOr<PushOutcome> pushed = registry->PushBlob(server.At("from"), blob, make, {});
  ASSERT_TRUE(pushed.ok()) << pushed.status();
  const auto open = [this]() -> absl::StatusOr<std::unique_ptr<ByteReader>> {
    absl::StatusOr<std::unique_ptr<ByteReader>> source = registry->GetBlob(server.At("from"), blob);
    if (!source.ok()) return source;
    return std::make_unique<SmallReads>(*std::move(source));
  };
  const absl::StatusOr<PushOutcome> copied = registry->PushBlob(server.At("to"), blob, open, {});
  ASSERT_TRUE(copied.ok()) << copied.status();
  EXPECT_EQ(*copied, PushOutcome::kUploaded);
  EXPECT_LT(PeakMemory() - before, kMostMemory);
}

// A registry that takes blobs in chunks of 64 MiB alone, and keeps nothing of them.
class HugeChunks : public Transport {
 public:
  absl::StatusOr<HttpResponse> Send(const HttpRequest& request) override {
    if (request.method == "HEAD") return Absent();
    if (request.method == "POST") {
      return Answer(202, {{"location", "/v2/to/blobs/uploads/1"},
                          {"oci-chunk-min-length", std::to_string(kBlobSize)}});
    }
    if (request.method == "PATCH") return TakeChunk(request);
    return held_ == kBlobSize ? Answer(201) : Answer(413);
  }

  absl::StatusOr<HttpStream> Open(const HttpRequest& request) override {
    HttpStream stream;
    absl::StatusOr<HttpResponse> head = Send(request);
    if (!head.ok()) return head.status();
    stream.head = *std::move(head);
    return stream;
  }

 private:
  absl::StatusOr<HttpResponse> TakeChunk(const HttpRequest& request) {
    held_ += request.body.size();
    std::vector<char> piece(std::size_t{64} << 10);
    while (request.upload != nullptr) {
      const absl::StatusOr<std::size_t> read = request.upload->Read(piece.data(), piece.size());
      if (!read.ok()) return read.status();
      if (*read == 0) break;
      held_ += *read;
    }
    return Answer(202, {{"range", fmt::format("0-{}", held_ - 1)}});
  }

  std::size_t held_ = 0;
};

TEST(ChunkMemoryTest, AChunkIsHeldOnce) {
  HugeChunks transport;
  FixedCredential credentials;
  const auto registry = MakeDistributionRegistry(transport, credentials, {});
  const Repository to = {Repository::Kind::kDistribution, "reg.example", "to"};
  const Descriptor blob = DescribeMadeBytes();
  const std::size_t before = PeakMemory();
  const absl::StatusOr<PushOutcome> pushed = registry->PushBlob(
      to, blob,
      []() -> absl::StatusOr<std::unique_ptr<ByteReader>> { return std::make_unique<MadeBytes>(); },
      {});
  ASSERT_TRUE(pushed.ok()) << pushed.status();
  EXPECT_EQ(*pushed, PushOutcome::kUploaded);
  EXPECT_LT(PeakMemory() - before, kBlobSize + kMostMemory);
}

}  // namespace
}  // namespace imglife
