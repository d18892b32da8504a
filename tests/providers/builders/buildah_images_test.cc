#include "providers/builders/buildah_images.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

BuildahImage Image(const std::string& platform, std::vector<std::string> layers = {},
                   const std::string& name = "r.io/m:1") {
  BuildahImage image;
  image.platform = *Platform::Parse(platform);
  image.layers = std::move(layers);
  image.name = name;
  return image;
}

absl::Status Check(const BuildahImage& result, const std::vector<BuildahImage>& sources,
                   const std::string& dockerfile = "FROM r.io/m:1\n",
                   const std::string& platform = "linux/arm64") {
  const Platform wanted = *Platform::Parse(platform);
  return CheckPlatforms(wanted, NamePlatforms(dockerfile, wanted), result, sources);
}

TEST(BuildahImagesTest, ReadsWhatInspectPrints) {
  const auto image = ParseBuildahImage("linux|arm|v7|[sha256:a sha256:b]\n");
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_EQ(image->platform, *Platform::Parse("linux/arm/v7"));
  EXPECT_THAT(image->layers, ElementsAre("sha256:a", "sha256:b"));
  const auto bare = ParseBuildahImage("linux|amd64||[]");
  ASSERT_TRUE(bare.ok()) << bare.status();
  EXPECT_THAT(bare->layers, IsEmpty());
  for (const char* text : {"", "linux|amd64||x", "linux|amd64|[]", "linux|amd64||[]|more"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseBuildahImage(text).status())) << text;
  }
}

TEST(BuildahImagesTest, ReadsWhatAStoreHas) {
  const auto images = ParseBuildahImages(
      R"([{"id": "sha256:a", "names": ["r.io/m:1", "r.io/m:2"]}, {"id": "sha256:b", "names": null},
          {"id": "sha256:c"}])");
  ASSERT_TRUE(images.ok()) << images.status();
  ASSERT_EQ(images->size(), 3U);
  EXPECT_EQ(images->at(0).id, "sha256:a");
  EXPECT_THAT(images->at(0).names, ElementsAre("r.io/m:1", "r.io/m:2"));
  EXPECT_THAT(images->at(1).names, IsEmpty());
  EXPECT_THAT(images->at(2).names, IsEmpty());
  for (const char* text : {"", "{}", "[1]", "[{}]", R"([{"id": "a", "names": [1]}])"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseBuildahImages(text).status())) << text;
  }
}

TEST(BuildahImagesTest, ImagesOfThePlatformFit) {
  EXPECT_TRUE(Check(Image("linux/arm64", {"a", "b"}), {Image("linux/arm64", {"a"})}).ok());
  EXPECT_TRUE(Check(Image("linux/arm64", {"a"}), {}).ok()) << "FROM scratch";
  EXPECT_TRUE(Check(Image("linux/arm64/v8"), {Image("linux/arm64/v8")}).ok());
  EXPECT_TRUE(Check(Image("linux/arm/v7"), {Image("linux/arm")}, "FROM a\n", "linux/arm/v7").ok())
      << "configs often lack the variant";
}

TEST(BuildahImagesTest, AnImageOfAnotherPlatformIsNamed) {
  const absl::Status status =
      Check(Image("linux/arm64", {"a", "b"}), {Image("linux/amd64", {"a"})});
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("r.io/m:1 is for linux/amd64; name an"));
  EXPECT_FALSE(
      Check(Image("linux/arm/v7"), {Image("linux/arm/v6")}, "FROM a\n", "linux/arm/v7").ok());
}

TEST(BuildahImagesTest, AStageMayBeForThePlatformThatItAsksFor) {
  const std::string cross =
      "FROM --platform=linux/amd64 tools AS t\nFROM r.io/m:1\nCOPY --from=t /a /a\n";
  const std::vector<BuildahImage> sources = {Image("linux/amd64", {"t"}, "tools"),
                                             Image("linux/arm64", {"a"})};
  EXPECT_TRUE(Check(Image("linux/arm64", {"a", "b"}), sources, cross).ok());
  EXPECT_FALSE(Check(Image("linux/arm64", {"t", "b"}), sources, cross).ok())
      << "but the result may not stand on it";
  EXPECT_FALSE(
      Check(Image("linux/arm64", {"t", "b"}), sources, "FROM --platform=$BUILDPLATFORM tools\n")
          .ok());
  // What is the same on all platforms has the same layers on them.
  EXPECT_TRUE(Check(Image("linux/arm64", {"t", "b"}),
                    {Image("linux/amd64", {"t"}), Image("linux/arm64", {"t"})}, cross)
                  .ok());
}

TEST(BuildahImagesTest, TheResultIsWhatWasAskedFor) {
  const absl::Status status = Check(Image("linux/amd64"), {});
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("its config says that it is for linux/amd64"));
}

}  // namespace
}  // namespace imglife
