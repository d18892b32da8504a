#include "engine/observe/read_images.h"

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/observe/image_limits.h"
#include "schema/image/media_type.h"
#include "tests/engine/observe/config_maker.h"
#include "tests/support/fake_registry.h"
#include "tests/support/odd_images.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Bytes that a registry must move to give all of it, each manifest and blob once.
std::int64_t SizeOf(const TestImage& image) {
  std::size_t bytes = image.manifest.content.size();
  for (const ManifestBytes& child : image.children) bytes += child.content.size();
  for (const auto& [digest, blob] : image.blobs) bytes += blob.size();
  return static_cast<std::int64_t>(bytes);
}

const ImageSpec kAmd{.name = "amd", .shared_layers = {"base"}, .labels = {{"who", "amd"}}};
const ImageSpec kArm{.name = "arm",
                     .shared_layers = {"base"},
                     .platform = "linux/arm64",
                     .labels = {{"who", "arm"}, {"only", "here"}}};

class ReadImagesTest : public ::testing::Test {
 protected:
  absl::StatusOr<ObservedImage> Read(const std::string& tag, bool with_configs = true) {
    return ReadImages(*memo_, {{kApp, tag, with_configs}}).front();
  }

  // A tag of a manifest with this text between the braces.
  void AddManifest(const std::string& tag, std::string_view media_type, const std::string& rest) {
    TestImage image;
    image.manifest.media_type = media_type;
    image.manifest.content = R"({"schemaVersion":2,)" + rest + "}";
    image.manifest.digest = Digest::OfBytes(image.manifest.content);
    world_.AddImage(kApp, tag, image);
  }

  FakeRegistry world_;
  const std::unique_ptr<RegistryMemo> memo_ = MakeRegistryMemo(world_);
};

TEST_F(ReadImagesTest, AManifestIsItsOwnOnlyPlatform) {
  const TestImage image = MakeImage(kArm);
  world_.AddImage(kApp, "1", image);
  const auto read = Read("1");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->digest, image.manifest.digest);
  ASSERT_EQ(read->platforms.size(), 1u);
  EXPECT_EQ(read->platforms[0].digest, image.manifest.digest);
  EXPECT_EQ(read->platforms[0].platform.ToString(), "linux/arm64");
  EXPECT_EQ(read->platforms[0].manifest.layers.size(), 3u);
  EXPECT_EQ(read->bytes, SizeOf(image));
  EXPECT_EQ(read->created, kArm.created);
  EXPECT_EQ(read->Label("who"), "arm");
  EXPECT_EQ(read->Label("other"), "");
  EXPECT_THAT(read->attestations, IsEmpty());
  EXPECT_EQ(read->placeholder_of, "");
}

TEST_F(ReadImagesTest, AnIndexHasItsPlatformsInOrderAndItsAttestationsApart) {
  const TestImage index = MakeIndex({.images = {kAmd, kArm}, .attestations = true});
  world_.AddImage(kApp, "1", index);
  const auto read = Read("1");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->digest, index.manifest.digest);
  EXPECT_TRUE(read->manifest.is_index);
  ASSERT_EQ(read->platforms.size(), 2u);
  EXPECT_EQ(read->platforms[0].digest, index.children[0].digest);
  EXPECT_EQ(read->platforms[0].platform.ToString(), "linux/amd64");
  EXPECT_EQ(read->platforms[1].digest, index.children[1].digest);
  EXPECT_EQ(read->platforms[1].platform.ToString(), "linux/arm64");
  EXPECT_EQ(read->platforms[1].config.labels.at("who"), "arm");
  EXPECT_THAT(read->attestations, ElementsAre(index.children[2].digest, index.children[3].digest));
  EXPECT_EQ(read->bytes, SizeOf(index));
}

TEST_F(ReadImagesTest, ALabelIsThatOfTheFirstPlatformThatHasIt) {
  world_.AddImage(kApp, "1", MakeIndex({.images = {kAmd, kArm}}));
  EXPECT_EQ(Read("1")->Label("who"), "amd");
  EXPECT_EQ(Read("1")->Label("only"), "here");
}

TEST_F(ReadImagesTest, WithoutConfigsSizesAndPlatformsAreKnownAndDatesAreNot) {
  const TestImage index = MakeIndex({.images = {kAmd, kArm}, .docker = true});
  world_.AddImage(kApp, "1", index);
  const auto read = Read("1", false);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->bytes, SizeOf(index));
  EXPECT_EQ(read->platforms[1].platform.ToString(), "linux/arm64");
  EXPECT_EQ(read->created, std::nullopt);
  EXPECT_EQ(read->Label("who"), "");
  EXPECT_EQ(world_.CountCalls("GetBlob"), 0u);
}

TEST_F(ReadImagesTest, NamesOfOneImageFetchItOnce) {
  const TestImage image = MakeImage(kAmd);
  for (const char* tag : {"3", "3.24", "3.24.1", "latest"}) world_.AddImage(kApp, tag, image);
  const auto images =
      ReadImages(*memo_, {{kApp, "3"}, {kApp, "3.24"}, {kApp, "3.24.1"}, {kApp, "latest"}});
  for (const auto& read : images) {
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->digest, image.manifest.digest);
  }
  EXPECT_EQ(world_.CountCalls("GetManifest"), 1u);
  EXPECT_EQ(world_.CountCalls("Resolve"), 3u);
}

TEST_F(ReadImagesTest, ANameThatMovesMeanwhileIsReadAsItIs) {
  const TestImage before = MakeImage({.name = "before"});
  const TestImage after = MakeImage({.name = "after"});
  world_.AddImage(kApp, "3.24.1", MakeImage(kAmd));
  world_.AddImage(kApp, "3.24", before);
  world_.OnCall([&](const RegistryCall& call) {
    if (call.method != "GetManifest" || call.argument != before.manifest.digest.str()) return;
    world_.AddImage(kApp, "3.24", after);
    world_.RemoveContent(kApp, before.manifest.digest);
  });
  const auto images = ReadImages(*memo_, {{kApp, "3.24.1"}, {kApp, "3.24"}});
  ASSERT_TRUE(images[1].ok()) << images[1].status();
  EXPECT_EQ(images[1]->digest, after.manifest.digest);
}

TEST_F(ReadImagesTest, WhatOnlyLooksLikeAnotherNameIsRead) {
  const TestImage moved = MakeImage({.name = "newer"});
  world_.AddImage(kApp, "3.24.1", MakeImage(kAmd));
  world_.AddImage(kApp, "3.24", moved);
  const auto images = ReadImages(*memo_, {{kApp, "3.24.1"}, {kApp, "3.24"}, {kApp, "latest"}});
  EXPECT_EQ(images[1]->digest, moved.manifest.digest);
  EXPECT_EQ(images[1]->platforms.size(), 1u);
  EXPECT_EQ(images[2].status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ReadImagesTest, WhatImagesShareIsAskedOnce) {
  world_.AddImage(kApp, "both", MakeIndex({.images = {kAmd, kArm}}));
  world_.AddImage(kApp, "amd", MakeIndex({.images = {kAmd}}));
  world_.AddImage(kApp, "plain", MakeImage(kAmd));
  const auto images = ReadImages(*memo_, {{kApp, "both"}, {kApp, "amd"}, {kApp, "both", false}});
  for (const auto& image : images) EXPECT_TRUE(image.ok()) << image.status();
  EXPECT_EQ(world_.CountCalls("GetManifest"), 4u);
  EXPECT_EQ(world_.CountCalls("GetBlob"), 2u);
  EXPECT_EQ(world_.Calls().size(), 6u);
}

TEST_F(ReadImagesTest, AnswersComeInTheOrderOfTheQuestions) {
  world_.AddImage(kApp, "1", MakeImage(kAmd));
  world_.AddImage(kApp, "2", MakeIndex({.images = {kArm}}));
  const auto images = ReadImages(*memo_, {{kApp, "2"}, {kApp, "gone"}, {kApp, "1"}});
  ASSERT_EQ(images.size(), 3u);
  EXPECT_EQ(images[0]->Label("who"), "arm");
  EXPECT_TRUE(absl::IsNotFound(images[1].status())) << images[1].status();
  EXPECT_EQ(images[2]->Label("who"), "amd");
  EXPECT_THAT(ReadImages(*memo_, {}), IsEmpty());
}

TEST_F(ReadImagesTest, APlaceholderNamesItsTag) {
  world_.AddImage(kApp, "1", MakePlaceholderImage("1"));
  EXPECT_EQ(Read("1")->placeholder_of, "1");
}

TEST_F(ReadImagesTest, AnImageWithItsAnnotationIsNone) {
  world_.AddImage(kApp, "1",
                  MakeImage({.annotations = {{std::string(annotation::kPlaceholder), "1 x"}}}));
  EXPECT_EQ(Read("1")->placeholder_of, "");
}

TEST_F(ReadImagesTest, AnIndexWiderThanAnyImageIsRefusedBeforeItsPartsAreAsked) {
  world_.AddImage(kApp, "1", MakeWideIndex(kMaxParts + 1));
  const auto read = Read("1");
  EXPECT_EQ(read.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(read.status().message()), HasSubstr("more than 4096 manifests"));
  EXPECT_EQ(world_.CountCalls("GetManifest"), 1u);
}

TEST_F(ReadImagesTest, TheConfigOfAnArtifactIsNotReadAsAnImages) {
  const std::string empty = Digest::OfBytes("{}").str();
  AddManifest("1", media_type::kOciManifest,
              R"("config":{"mediaType":"application/vnd.oci.empty.v1+json","size":2,"digest":")" +
                  empty + R"("},"layers":[])");
  const auto read = Read("1");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(world_.CountCalls("GetBlob"), 0u);
}

TEST_F(ReadImagesTest, DockersConfigsAreReadAsImagesToo) {
  ImageSpec docker = kArm;
  docker.docker = true;
  world_.AddImage(kApp, "1", MakeImage(docker));
  EXPECT_EQ(Read("1")->Label("who"), "arm");
}

// An index of one child, `more` being what its entry says besides digest and size.
std::string IndexOf(const ManifestBytes& child, const std::string& more) {
  return fmt::format(R"("manifests":[{{"mediaType":"{}","digest":"{}","size":{}{}}}])",
                     child.media_type, child.digest.str(), child.content.size(), more);
}

TEST_F(ReadImagesTest, AnIndexWithinAnIndexIsReadDownToItsImages) {
  const TestImage inner = MakeIndex({.images = {kAmd, kArm}});
  world_.AddImage(kApp, "inner", inner);
  AddManifest("outer", media_type::kOciIndex, IndexOf(inner.manifest, ""));
  const auto read = Read("outer");
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->platforms.size(), 3u);
  EXPECT_EQ(read->platforms[0].digest, inner.manifest.digest);
  EXPECT_EQ(read->platforms[1].digest, inner.children[0].digest);
  EXPECT_EQ(read->platforms[2].platform.ToString(), "linux/arm64");
  EXPECT_EQ(read->Label("only"), "here");
  EXPECT_EQ(read->created, kAmd.created);
  const auto outer = world_.GetManifest(kApp, "outer");
  EXPECT_EQ(read->bytes, SizeOf(inner) + static_cast<std::int64_t>(outer->content.size()));
}

TEST_F(ReadImagesTest, AnImageIsReadAsDeepAsItIsCopied) {
  world_.AddImage(kApp, "deep", MakeNest(kMaxIndexDepth));
  EXPECT_TRUE(Read("deep").ok()) << Read("deep").status();
  world_.AddImage(kApp, "deeper", MakeNest(kMaxIndexDepth + 1));
  const absl::Status refused = Read("deeper").status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr("more than 4 deep"));
}

TEST_F(ReadImagesTest, AnAttestationIsKnownByItsPlatformOrByItsAnnotation) {
  const TestImage child = MakeImage(kAmd);
  world_.AddImage(kApp, "child", child);
  for (const char* more :
       {R"(,"platform":{"os":"unknown","architecture":"unknown"})",
        R"(,"annotations":{"vnd.docker.reference.type":"attestation-manifest"})"}) {
    AddManifest("1", media_type::kOciIndex, IndexOf(child.manifest, more));
    memo_->Changed(kApp);
    const auto read = Read("1");
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_THAT(read->attestations, ElementsAre(child.manifest.digest)) << more;
    EXPECT_THAT(read->platforms, IsEmpty()) << more;
  }
}

TEST_F(ReadImagesTest, WhatCannotBeReadFailsItsImageAndNoOther) {
  const TestImage index = MakeIndex({.images = {kAmd, kArm}, .attestations = true});
  const Digest config =
      ParseManifest(index.children[1].media_type, index.children[1].content)->config.digest;
  world_.AddImage(kApp, "1", index);
  world_.AddImage(kApp, "fine", MakeImage({.name = "fine"}));
  for (const std::string& part : {std::string("1"), index.children[0].digest.str(),
                                  index.children[3].digest.str(), config.str()}) {
    memo_->Changed(kApp);
    world_.Inject({.argument = part, .status = absl::UnavailableError("503")});
    const auto images = ReadImages(*memo_, {{kApp, "1"}, {kApp, "fine"}});
    EXPECT_TRUE(absl::IsUnavailable(images[0].status())) << part << images[0].status();
    EXPECT_TRUE(images[1].ok()) << images[1].status();
  }
}

TEST_F(ReadImagesTest, AnIndexWithoutOneOfItsChildrenIsNotRead) {
  const TestImage index = MakeIndex({.images = {kAmd, kArm}});
  world_.AddImage(kApp, "1", index);
  world_.RemoveContent(kApp, index.children[1].digest);
  EXPECT_THAT(std::string(Read("1").status().message()), HasSubstr(index.children[1].digest.str()));
}

TEST_F(ReadImagesTest, WhatIsNoManifestOrConfigIsNamed) {
  AddManifest("manifest", media_type::kOciManifest, R"("layers":[])");
  EXPECT_THAT(std::string(Read("manifest").status().message()),
              HasSubstr("the manifest of r.test/bases/app manifest is not valid: "));
  const std::string bad = "[";
  AddManifest(
      "config", media_type::kOciManifest,
      R"("layers":[],"config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":")" +
          Digest::OfBytes(bad).str() + R"(","size":1})");
  world_.AddImage(kApp, "", TestImage{.blobs = {{Digest::OfBytes(bad), bad}}});
  EXPECT_THAT(
      std::string(Read("config").status().message()),
      HasSubstr("the config " + Digest::OfBytes(bad).str() + " in r.test/bases/app is not valid"));
}

}  // namespace
}  // namespace imglife
