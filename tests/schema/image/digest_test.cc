#include "schema/image/digest.h"

#include "gtest/gtest.h"

namespace imglife {
namespace {

constexpr char kAbc[] = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(Digest, OfBytesIsThatOfFips180) {
  EXPECT_EQ(Digest::OfBytes("abc").str(), kAbc);
  EXPECT_EQ(Digest::OfBytes("").str(),
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Digest, HasParts) {
  const Digest digest = Digest::Parse(kAbc).value();
  EXPECT_EQ(digest.algorithm(), "sha256");
  EXPECT_EQ(digest.hex().substr(0, 4), "ba78");
  EXPECT_EQ(digest.Short(), "sha256:ba7816bf");
  EXPECT_EQ(Digest().Short(), "");
  EXPECT_TRUE(Digest().empty());
}

TEST(Digest, RefusesWhatIsNone) {
  const std::string hex(64, 'a');
  for (const std::string& text :
       std::vector<std::string>{"", "sha256:", "sha256:" + hex + "a", "sha256:" + hex.substr(1),
                                "sha256:" + std::string(64, 'A'), "sha256:" + std::string(64, 'g'),
                                "md5:" + hex, hex, "sha512:" + hex}) {
    EXPECT_EQ(Digest::Parse(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
  EXPECT_TRUE(Digest::Parse("sha512:" + hex + hex).ok());
}

TEST(Hasher, TakesPiecesAndSha512) {
  Hasher pieces;
  pieces.Update("a");
  pieces.Update("");
  pieces.Update("bc");
  EXPECT_EQ(pieces.Finish().str(), kAbc);
  Hasher longer("sha512");
  longer.Update("abc");
  EXPECT_EQ(longer.Finish().str().substr(0, 23), "sha512:ddaf35a193617aba");
}

}  // namespace
}  // namespace imglife
