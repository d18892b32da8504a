// What a copy needs of memory, however large the image is (quality.md, Speed).
#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/end_to_end/registries_fixture.h"

namespace imglife {
namespace {

constexpr std::size_t kMebibyte = std::size_t{1} << 20;
constexpr std::size_t kLayerBytes = 256 * kMebibyte;
constexpr int kMostKibibytes = 64'000'000 / 1024;

// A layer that is nowhere: its bytes are made as they are asked for.
class MadeBytes : public ByteReader {
 public:
  explicit MadeBytes(char byte) : byte_(byte) {}

  absl::StatusOr<std::size_t> Read(char* buffer, std::size_t size) override {
    const std::size_t count = std::min(size, kLayerBytes - given_);
    std::fill_n(buffer, count, byte_);
    given_ += count;
    return count;
  }

 private:
  const char byte_;
  std::size_t given_ = 0;
};

Descriptor DescribeLayer(char byte) {
  Hasher hasher("sha256");
  const std::string piece(kMebibyte, byte);
  for (std::size_t i = 0; i < kLayerBytes; i += piece.size()) hasher.Update(piece);
  Descriptor layer;
  layer.media_type = "application/vnd.oci.image.layer.v1.tar";
  layer.digest = hasher.Finish();
  layer.size = static_cast<std::int64_t>(kLayerBytes);
  return layer;
}

class MemoryTest : public RegistriesTest {
 protected:
  // An image of four layers of 256 MiB.
  void PushGibibyte(const Repository& repository) {
    std::vector<Descriptor> layers;
    for (const char byte : {'a', 'b', 'c', 'd'}) {
      layers.push_back(DescribeLayer(byte));
      const auto open = [byte]() -> absl::StatusOr<std::unique_ptr<ByteReader>> {
        return std::make_unique<MadeBytes>(byte);
      };
      const auto pushed = registry().PushBlob(repository, layers.back(), open, {});
      ASSERT_TRUE(pushed.ok()) << pushed.status();
    }
    TestImage image = MakeImage({.name = "large", .layers = 0});
    auto manifest = nlohmann::json::parse(image.manifest.content);
    for (const Descriptor& layer : layers) {
      manifest["layers"].push_back(
          {{"mediaType", layer.media_type}, {"digest", layer.digest.str()}, {"size", layer.size}});
    }
    image.manifest.content = manifest.dump();
    image.manifest.digest = Digest::OfBytes(image.manifest.content);
    const absl::Status pushed = PushImage(registry(), repository, "1.0", image);
    ASSERT_TRUE(pushed.ok()) << pushed;
  }
};

TEST_F(MemoryTest, StaysUnder64MegabytesWhileAGibibyteIsCopied) {
  PushGibibyte(upstream_.At("library/large"));
  Configure(R"(sync:
  entries:
    - source: $UPSTREAM/library/large
      tag: "1.0"
      target: $PRIVATE/mirrors/large
)");
  const ImglifeRun run = RunScript(
      directory_.path(), std::string(IMGLIFE_MEASURED) + " measured.json imglife apply --quiet",
      environment_);
  ASSERT_THAT(run, ExitsWith(0));
  const auto text = ReadFile(Path("measured.json"));
  ASSERT_TRUE(text.ok()) << text.status();
  const auto measured = nlohmann::json::parse(*text);
  EXPECT_EQ(measured["exit_code"], 0) << run.out << run.err;
  EXPECT_THAT(Tags(private_, "mirrors/large"), testing::ElementsAre("1.0"));
  EXPECT_LT(measured["peak_kib"].get<int>(), kMostKibibytes);
}

}  // namespace
}  // namespace imglife
