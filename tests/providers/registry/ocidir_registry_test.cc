// What is particular to image layouts: the files, what others write into them, and hostile ones.
#include <filesystem>
#include <string>
#include <sys/stat.h>

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

#include "schema/image/media_type.h"
#include "tests/providers/registry/ocidir_fixture.h"
#include "tests/support/byte_readers.h"

namespace imglife {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

class OciDirLayout : public OciDirTest {
 protected:
  nlohmann::json ReadIndex() const { return nlohmann::json::parse(Read(PathOf("index.json"))); }
};

TEST_F(OciDirLayout, IsAnImageLayout) {
  const TestImage image = Image("app");
  Push("1.0", image);
  EXPECT_EQ(nlohmann::json::parse(Read(PathOf("oci-layout"))),
            nlohmann::json({{"imageLayoutVersion", "1.0.0"}}));
  const nlohmann::json expected = {
      {"schemaVersion", 2},
      {"mediaType", media_type::kOciIndex},
      {"manifests",
       {{{"mediaType", image.manifest.media_type},
         {"digest", image.manifest.digest.str()},
         {"size", image.manifest.content.size()},
         {"annotations", {{"org.opencontainers.image.ref.name", "1.0"}}}}}}};
  EXPECT_EQ(ReadIndex(), expected);
  EXPECT_TRUE(Has(image));
  EXPECT_EQ(CountBlobs(), image.blobs.size() + 1);
}

TEST_F(OciDirLayout, ChildrenHaveNoEntryOfTheirOwn) {
  IndexSpec spec;
  spec.images.resize(2);
  spec.images[1].platform = "linux/arm64";
  const TestImage index = MakeIndex(spec);
  Push("1.0", index);
  EXPECT_THAT(ReadIndex()["manifests"], SizeIs(1));
  EXPECT_TRUE(Has(index));
}

TEST_F(OciDirLayout, SameTagAgainWritesNothing) {
  const TestImage image = Image("app");
  Push("1.0", image);
  const auto before = std::filesystem::last_write_time(PathOf("index.json"));
  const auto id = [&] {
    struct stat found {};
    EXPECT_EQ(stat(PathOf("index.json").c_str(), &found), 0);
    return found.st_ino;
  };
  const ino_t inode = id();
  Push("1.0", image);
  EXPECT_EQ(std::filesystem::last_write_time(PathOf("index.json")), before);
  EXPECT_EQ(id(), inode);
}

TEST_F(OciDirLayout, AbsoluteAndRelativePathsNameTheSameLayout) {
  Push("1.0", Image("app"));
  for (const std::string& path : {std::string("images"), std::string("images/"),
                                  std::string("./x/../images"), directory() + "/images"}) {
    const absl::StatusOr<TagList> list = Open()->ListTags(At(path));
    ASSERT_TRUE(list.ok()) << list.status();
    EXPECT_THAT(list->tags, ElementsAre("1.0")) << path;
  }
}

TEST_F(OciDirLayout, ReadingMakesNothing) {
  const auto registry = Open();
  EXPECT_FALSE(registry->ListTags(repository_)->repository_exists);
  EXPECT_EQ(registry->Untag(repository_, "1.0", Digest::OfBytes("x")).code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(registry->DeleteManifest(repository_, Digest::OfBytes("x")).code(),
            absl::StatusCode::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(PathOf("")));
}

TEST_F(OciDirLayout, EmptyDirectoryIsNoRepositoryYet) {
  std::filesystem::create_directories(PathOf(""));
  EXPECT_FALSE(Open()->ListTags(repository_)->repository_exists);
  Push("1.0", Image("app"));
  EXPECT_TRUE(Open()->ListTags(repository_)->repository_exists);
}

TEST_F(OciDirLayout, MountIsAHardLink) {
  const auto registry = Open();
  const Descriptor blob = DescribeBlob("blob");
  ASSERT_TRUE(registry->PushBlob(At("other"), blob, SourceOf("blob"), {}).ok());
  PushBlobOptions options;
  options.mount_from = {At("other")};
  const absl::StatusOr<PushOutcome> outcome =
      registry->PushBlob(repository_, blob, SourceOf("blob"), options);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(*outcome, PushOutcome::kMounted);
  EXPECT_EQ(std::filesystem::hard_link_count(PathOf(blob.digest)), 2u);
}

TEST_F(OciDirLayout, MountOverADamagedBlobRepairsIt) {
  Push("1.0", Image("app"));
  const auto registry = Open();
  const Descriptor blob = DescribeBlob("blob");
  ASSERT_TRUE(registry->PushBlob(At("other"), blob, SourceOf("blob"), {}).ok());
  Write(PathOf(blob.digest), "bl");
  PushBlobOptions options;
  options.mount_from = {At("other")};
  EXPECT_EQ(registry->PushBlob(repository_, blob, SourceOf("blob"), options).status(),
            absl::OkStatus());
  EXPECT_EQ(Read(PathOf(blob.digest)), "blob");
}

TEST_F(OciDirLayout, ForeignLayersNeedNotBeThere) {
  TestImage image = Image("app");
  nlohmann::ordered_json manifest = nlohmann::ordered_json::parse(image.manifest.content);
  const std::string layer = manifest["layers"][0]["digest"];
  manifest["layers"][0]["urls"] = {"https://example.com/layer"};
  image.manifest.content = manifest.dump();
  image.manifest.digest = Digest::OfBytes(image.manifest.content);
  image.blobs.erase(Digest::Parse(layer).value());
  Push("1.0", image);
  EXPECT_EQ(Open()->Resolve(repository_, "1.0")->digest, image.manifest.digest);
}

TEST_F(OciDirLayout, ManifestWithoutMediaTypeIsKnownByItsFields) {
  TestImage image = Image("app");
  nlohmann::ordered_json manifest = nlohmann::ordered_json::parse(image.manifest.content);
  manifest.erase("mediaType");
  image.manifest.content = manifest.dump();
  image.manifest.digest = Digest::OfBytes(image.manifest.content);
  const auto registry = Open();
  ASSERT_TRUE(PushImage(*registry, repository_, "", image).ok());
  const absl::StatusOr<ManifestBytes> read =
      registry->GetManifest(repository_, image.manifest.digest.str());
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->media_type, media_type::kOciManifest);
}

TEST_F(OciDirLayout, ListingWarnsOfWhatIsNoTagAndOfRepeatedNames) {
  Push("1.0", Image("first"));
  Push("2.0", Image("second"));
  Push("3.0", Image("third"));
  nlohmann::json index = ReadIndex();
  const auto rename = [&](int entry, const char* name) {
    index["manifests"][static_cast<std::size_t>(entry)]["annotations"]
         ["org.opencontainers.image.ref.name"] = name;
  };
  rename(1, "docker.io/library/second:2.0");
  rename(2, "1.0");
  Write(PathOf("index.json"), index.dump());
  const absl::StatusOr<TagList> list = Open()->ListTags(repository_);
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_THAT(list->tags, ElementsAre("1.0"));
  EXPECT_THAT(list->warnings, ElementsAre(HasSubstr("1 of the names in index.json is no valid tag"),
                                          HasSubstr("tag 1.0 more than once")));
  EXPECT_EQ(Open()->Resolve(repository_, "1.0")->digest, Image("first").manifest.digest);
}

TEST_F(OciDirLayout, DamagedIndexIsNeverEmpty) {
  Push("1.0", Image("app"));
  const std::string whole = Read(PathOf("index.json"));
  for (const std::string& content :
       {std::string(), std::string("{}"), whole.substr(0, whole.size() / 2)}) {
    Write(PathOf("index.json"), content);
    const auto registry = Open();
    EXPECT_EQ(registry->ListTags(repository_).status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(registry->Resolve(repository_, "1.0").status().code(),
              absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(registry->GetManifest(repository_, "1.0").status().code(),
              absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(registry->Untag(repository_, "1.0", Digest::OfBytes("x")).code(),
              absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(registry->ListReferrers(repository_, Digest::OfBytes("x")).status().code(),
              absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(PushImage(*registry, repository_, "2.0", Image("other")).code(),
              absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(Read(PathOf("index.json")), content);
    EXPECT_TRUE(Has(Image("app")));
  }
}

TEST_F(OciDirLayout, MissingIndexIsDataLoss) {
  Push("1.0", Image("app"));
  std::filesystem::remove(PathOf("index.json"));
  EXPECT_EQ(Open()->ListTags(repository_).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(PushImage(*Open(), repository_, "2.0", Image("other")).code(),
            absl::StatusCode::kDataLoss);
}

TEST_F(OciDirLayout, UnknownVersionIsRefused) {
  Push("1.0", Image("app"));
  for (const char* content : {"{\"imageLayoutVersion\":\"2.0.0\"}", "{}", "no JSON", ""}) {
    Write(PathOf("oci-layout"), content);
    EXPECT_EQ(Open()->ListTags(repository_).status().code(), absl::StatusCode::kInvalidArgument)
        << content;
  }
}

TEST_F(OciDirLayout, DamagedManifestIsDataLoss) {
  const TestImage image = Image("app");
  Push("1.0", image);
  std::string damaged = image.manifest.content;
  damaged.back() = ' ';
  Write(PathOf(image.manifest.digest), damaged);
  for (const std::string& name : {std::string("1.0"), image.manifest.digest.str()}) {
    EXPECT_EQ(Open()->GetManifest(repository_, name).status().code(), absl::StatusCode::kDataLoss);
  }
  std::filesystem::remove(PathOf(image.manifest.digest));
  EXPECT_EQ(Open()->GetManifest(repository_, "1.0").status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Open()->Resolve(repository_, "1.0").status().code(), absl::StatusCode::kDataLoss);
  Push("1.0", image);
  EXPECT_TRUE(Has(image));
}

TEST_F(OciDirLayout, DamagedBlobIsDataLoss) {
  const TestImage image = Image("app");
  Push("1.0", image);
  const auto& [digest, bytes] = *image.blobs.begin();
  std::string damaged = bytes;
  damaged.back() = 'x';
  Write(PathOf(digest), damaged);
  const auto registry = Open();
  const auto reader = registry->GetBlob(repository_, DescribeBlob(bytes));
  ASSERT_TRUE(reader.ok()) << reader.status();
  EXPECT_EQ(ReadAll(**reader).status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(OciDirLayout, LinksAndPipesAreNotRead) {
  const TestImage image = Image("app");
  Push("1.0", image);
  const std::string secret = directory() + "/secret";
  Write(secret, image.manifest.content);
  const std::string manifest = PathOf(image.manifest.digest);
  std::filesystem::remove(manifest);
  std::filesystem::create_symlink(secret, manifest);
  EXPECT_EQ(Open()->GetManifest(repository_, "1.0").status().code(),
            absl::StatusCode::kInvalidArgument);
  std::filesystem::remove(manifest);
  ASSERT_EQ(mkfifo(manifest.c_str(), 0600), 0);
  EXPECT_EQ(Open()->GetManifest(repository_, "1.0").status().code(),
            absl::StatusCode::kInvalidArgument);
  std::filesystem::remove(PathOf("index.json"));
  ASSERT_EQ(mkfifo(PathOf("index.json").c_str(), 0600), 0);
  EXPECT_EQ(Open()->ListTags(repository_).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(OciDirLayout, FileIsNoLayout) {
  Write(directory() + "/images", "a file");
  EXPECT_EQ(Open()->ListTags(repository_).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(PushImage(*Open(), repository_, "1.0", Image("app")).code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(OciDirLayout, OtherKindsOfRepositoryAreRefused) {
  const Repository remote{Repository::Kind::kDistribution, "registry.example.com", "app"};
  EXPECT_EQ(Open()->ListTags(remote).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Open()->ListTags(At("")).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(OciDirLayout, MessagesNameTheReference) {
  EXPECT_THAT(std::string(Open()->Resolve(repository_, "1.0").status().message()),
              StartsWith("ocidir://images:1.0: "));
  const std::string digest = Digest::OfBytes("x").str();
  EXPECT_THAT(std::string(Open()->GetManifest(repository_, digest).status().message()),
              StartsWith("ocidir://images@" + digest + ": "));
}

}  // namespace
}  // namespace imglife
