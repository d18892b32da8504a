#include "schema/image/platform.h"

#include "gtest/gtest.h"

namespace imglife {
namespace {

TEST(Platform, IsNormalisedAsContainerdDoes) {
  const std::vector<std::pair<std::string, std::string>> forms = {
      {"linux/amd64", "linux/amd64"},       {"linux/x86_64", "linux/amd64"},
      {"linux/aarch64", "linux/arm64"},     {"linux/armhf", "linux/arm/v7"},
      {"linux/armel", "linux/arm/v6"},      {"linux/arm/7", "linux/arm/v7"},
      {"Linux/ARM64/v8", "linux/arm64/v8"}, {"linux/i386", "linux/386"},
      {"windows/amd64", "windows/amd64"}};
  for (const auto& [text, normal] : forms) {
    const auto platform = Platform::Parse(text);
    ASSERT_TRUE(platform.ok()) << text;
    EXPECT_EQ(platform->ToString(), normal);
  }
}

TEST(Platform, RefusesWhatIsNone) {
  for (const char* text : {"", "linux", "linux/", "/amd64", "linux/arm/v7/x", "linux/a b"}) {
    EXPECT_EQ(Platform::Parse(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(Platform, AcceptsWhatRunsThere) {
  const auto accepts = [](const char* asked, const char* image) {
    return Platform::Parse(asked)->Accepts(*Platform::Parse(image));
  };
  EXPECT_TRUE(accepts("linux/arm64", "linux/arm64/v8"));
  EXPECT_TRUE(accepts("linux/arm64/v8", "linux/arm64"));
  EXPECT_TRUE(accepts("linux/arm", "linux/arm/v7"));
  EXPECT_FALSE(accepts("linux/arm/v6", "linux/arm/v7"));
  EXPECT_FALSE(accepts("linux/amd64", "windows/amd64"));
  EXPECT_FALSE(accepts("linux/amd64", "linux/386"));
}

}  // namespace
}  // namespace imglife
