// What a deletion removes from an image layout, and what it must leave.
#include <filesystem>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

#include "tests/providers/registry/ocidir_fixture.h"
#include "tests/support/byte_readers.h"

namespace imglife {
namespace {

using testing::SizeIs;

class OciDirCollection : public OciDirTest {
 protected:
  void Untag(const std::string& tag) const {
    const auto now = Open()->Resolve(repository_, tag);
    ASSERT_TRUE(now.ok()) << now.status();
    const absl::Status status = Open()->Untag(repository_, tag, now->digest);
    ASSERT_TRUE(status.ok()) << status;
  }

  // For everything that is there now.
  void LetADayPass() const {
    for (const auto& file : std::filesystem::directory_iterator(PathOf("blobs/sha256"))) {
      std::filesystem::last_write_time(file.path(),
                                       file.last_write_time() - std::chrono::hours(25));
    }
  }

  static ImageSpec On(const std::string& base, const std::string& name) {
    ImageSpec spec;
    spec.name = name;
    spec.shared_layers = {base};
    return spec;
  }

  static TestImage TwoPlatforms(const std::string& name) {
    IndexSpec spec;
    spec.images = {On("base", name), On("base", name)};
    spec.images[1].platform = "linux/arm64";
    spec.attestations = true;
    return MakeIndex(spec);
  }

  // An artifact that refers to the image.
  static TestImage Signature(const TestImage& image, const std::string& name = "signature") {
    ImageSpec spec;
    spec.name = name;
    spec.artifact_type = "application/vnd.example.signature";
    spec.subject = image.ToDescriptor();
    return MakeImage(spec);
  }
};

TEST_F(OciDirCollection, LastTagTakesEverythingAlong) {
  Push("1.0", TwoPlatforms("app"));
  Push("2.0", Image("other"));
  Untag("1.0");
  EXPECT_TRUE(Has(Image("other")));
  EXPECT_EQ(CountBlobs(), Image("other").blobs.size() + 1);
  Untag("2.0");
  EXPECT_EQ(CountBlobs(), 0u);
  EXPECT_TRUE(Open()->ListTags(repository_)->repository_exists);
}

// As skopeo does: it takes no lease, and index.json comes last.
TEST_F(OciDirCollection, WhatAnotherToolHasNotNamedYetStaysForADay) {
  Push("1.0", Image("app"));
  Push("2.0", Image("other"));
  const std::string layer = "written a moment ago";
  const std::string path = PathOf(Digest::OfBytes(layer));
  Write(path, layer);
  Untag("1.0");
  EXPECT_EQ(Read(path), layer);
  EXPECT_FALSE(Has(Image("app")));
  LetADayPass();
  Untag("2.0");
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(OciDirCollection, SharedLayersStay) {
  const TestImage kept = MakeImage(On("base", "kept"));
  Push("kept", kept);
  Push("gone", MakeImage(On("base", "gone")));
  Untag("gone");
  EXPECT_TRUE(Has(kept));
  EXPECT_EQ(CountBlobs(), kept.blobs.size() + 1);
}

TEST_F(OciDirCollection, SharedChildrenStay) {
  const TestImage index = TwoPlatforms("app");
  Push("index", index);
  // The same child under a tag of its own.
  ASSERT_TRUE(Open()->PutManifest(repository_, "amd64", index.children[0]).ok());
  Untag("index");
  EXPECT_EQ(Read(PathOf(index.children[0].digest)), index.children[0].content);
  EXPECT_FALSE(std::filesystem::exists(PathOf(index.children[1].digest)));
  Push("index", index);
  Untag("amd64");
  EXPECT_TRUE(Has(index));
}

TEST_F(OciDirCollection, OverwrittenImageGoesWithADeletionOnTheNextDay) {
  Push("latest", Image("old"));
  Push("latest", Image("new"));
  EXPECT_TRUE(Has(Image("old")));
  Push("other", Image("other"));
  Untag("other");
  EXPECT_TRUE(Has(Image("old")));
  LetADayPass();
  Push("other", Image("other"));
  Untag("other");
  EXPECT_FALSE(Has(Image("old")));
  EXPECT_TRUE(Has(Image("new")));
}

TEST_F(OciDirCollection, ReferrersOfWhatStaysStay) {
  const TestImage image = Image("app");
  const TestImage signature = Signature(image);
  Push("1.0", image);
  Push("", signature);
  const TestImage second = Signature(signature, "countersignature");
  Push("", second);
  Push("other", Image("other"));
  Untag("other");
  EXPECT_TRUE(Has(image));
  EXPECT_TRUE(Has(signature));
  EXPECT_TRUE(Has(second));
  EXPECT_THAT(*Open()->ListReferrers(repository_, image.manifest.digest), SizeIs(1));
}

TEST_F(OciDirCollection, ReferrersWithoutAnEntryStayWithTheirSubject) {
  const TestImage image = Image("app");
  const TestImage signature = Signature(image);
  const TestImage second = Signature(signature, "countersignature");
  Push("1.0", image);
  Push("", signature);
  Push("", second);
  Push("other", Image("other"));
  EditIndex([](nlohmann::json& manifests) {
    manifests.erase(manifests.begin() + 1, manifests.begin() + 3);
  });
  Untag("other");
  EXPECT_TRUE(Has(signature));
  EXPECT_TRUE(Has(second));
  Untag("1.0");
  EXPECT_EQ(CountBlobs(), 0u);
}

TEST_F(OciDirCollection, SubjectOfWhatStaysStays) {
  const TestImage image = Image("app");
  Push("1.0", image);
  Push("signature", Signature(image));
  Untag("1.0");
  EXPECT_TRUE(Has(image));
  Untag("signature");
  EXPECT_EQ(CountBlobs(), 0u);
}

TEST_F(OciDirCollection, DeletedImageGoesThoughSomethingRefersToIt) {
  const TestImage image = Image("app");
  const TestImage signature = Signature(image);
  Push("1.0", image);
  Push("", signature);
  ASSERT_TRUE(Open()->DeleteManifest(repository_, image.manifest.digest).ok());
  EXPECT_FALSE(std::filesystem::exists(PathOf(image.manifest.digest)));
  EXPECT_TRUE(Has(signature));
  ASSERT_TRUE(Open()->DeleteManifest(repository_, signature.manifest.digest).ok());
  EXPECT_EQ(CountBlobs(), 0u);
}

TEST_F(OciDirCollection, EntriesOfOtherToolsAreProtected) {
  const TestImage unnamed = Image("unnamed");
  const TestImage full = Image("full");
  const TestImage twin = Image("twin");
  Push("a", unnamed);
  Push("b", full);
  Push("c", twin);
  Push("d", Image("gone"));
  EditIndex([](nlohmann::json& manifests) {
    manifests[0].erase("annotations");
    manifests[1]["annotations"]["org.opencontainers.image.ref.name"] = "example.com/full:1";
    manifests[2]["annotations"]["org.opencontainers.image.ref.name"] = "d";
    std::swap(manifests[2], manifests[3]);
  });
  Untag("d");
  EXPECT_TRUE(Has(unnamed));
  EXPECT_TRUE(Has(full));
  EXPECT_TRUE(Has(twin));
  EXPECT_FALSE(Has(Image("gone")));
  EXPECT_EQ(Open()->Resolve(repository_, "d").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(OciDirCollection, NothingIsCollectedWhenAManifestIsDamagedOrMissing) {
  const TestImage index = TwoPlatforms("app");
  const TestImage gone = Image("gone");
  Push("index", index);
  const std::string child = PathOf(index.children[0].digest);
  Push("gone", gone);
  std::string damaged = index.children[0].content;
  damaged[damaged.size() / 2] = '#';
  Write(child, damaged);
  Untag("gone");
  EXPECT_TRUE(Has(gone));
  Push("gone", gone);
  std::filesystem::remove(child);
  Untag("gone");
  EXPECT_TRUE(Has(gone));

  Write(child, index.children[0].content);
  Push("gone", gone);
  Untag("gone");
  EXPECT_FALSE(Has(gone));
  EXPECT_TRUE(Has(index));
}

TEST_F(OciDirCollection, NothingIsCollectedWhenAManifestIsOfAnUnknownKind) {
  const TestImage gone = Image("gone");
  Push("gone", gone);
  const std::string foreign = R"({"mediaType":"application/vnd.example.new+json","parts":[]})";
  const Digest digest = Digest::OfBytes(foreign);
  Write(PathOf(digest), foreign);
  EditIndex([&](nlohmann::json& manifests) {
    manifests.push_back({{"mediaType", "application/vnd.example.new+json"},
                         {"digest", digest.str()},
                         {"size", foreign.size()}});
  });
  Untag("gone");
  EXPECT_TRUE(Has(gone));
}

TEST_F(OciDirCollection, BlobsBehindALinkAreLeftAlone) {
  const TestImage gone = Image("gone");
  Push("gone", gone);
  std::filesystem::rename(PathOf("blobs"), directory() + "/shared");
  std::filesystem::create_directory_symlink(directory() + "/shared", PathOf("blobs"));
  Untag("gone");
  EXPECT_TRUE(Has(gone));
}

TEST_F(OciDirCollection, AManifestBehindALinkLosesItsEntryOnly) {
  const TestImage gone = Image("gone");
  Push("gone", gone);
  std::filesystem::rename(PathOf("blobs/sha256"), directory() + "/shared");
  std::filesystem::create_directory_symlink(directory() + "/shared", PathOf("blobs/sha256"));
  EXPECT_TRUE(Open()->DeleteManifest(repository_, gone.manifest.digest).ok());
  EXPECT_TRUE(Open()->ListTags(repository_)->tags.empty());
  EXPECT_TRUE(Has(gone));
}

TEST_F(OciDirCollection, FilesOfOtherNamesAreLeftAlone) {
  Push("gone", Image("gone"));
  Write(PathOf("blobs/sha256/README"), "not a blob");
  Write(PathOf("notes.txt"), "mine");
  Untag("gone");
  EXPECT_EQ(Read(PathOf("blobs/sha256/README")), "not a blob");
  EXPECT_EQ(Read(PathOf("notes.txt")), "mine");
  EXPECT_EQ(CountBlobs(), 1u);
}

TEST_F(OciDirCollection, WhatIsBeingPushedStays) {
  const TestImage image = TwoPlatforms("app");
  Push("old", Image("old"));
  const auto registry = Open();
  for (const auto& [digest, bytes] : image.blobs) {
    ASSERT_TRUE(registry->PushBlob(repository_, DescribeBlob(bytes), SourceOf(bytes), {}).ok());
  }
  for (const ManifestBytes& child : image.children) {
    ASSERT_TRUE(registry->PutManifest(repository_, child.digest.str(), child).ok());
  }
  // By the pusher himself, and by another.
  ASSERT_TRUE(registry->Untag(repository_, "old", Image("old").manifest.digest).ok());
  EXPECT_FALSE(Has(Image("old")));
  Push("old", Image("old"));
  Untag("old");
  const absl::Status status = registry->PutManifest(repository_, "1.0", image.manifest);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_TRUE(Has(image));
}

TEST_F(OciDirCollection, BlobThatWasSaidToBeThereStays) {
  const TestImage old = MakeImage(On("base", "old"));
  Push("old", old);
  const TestImage image = MakeImage(On("base", "new"));
  const auto registry = Open();
  for (const auto& [digest, bytes] : image.blobs) {
    if (registry->BlobExists(repository_, digest).value_or(false)) continue;
    ASSERT_TRUE(registry->PushBlob(repository_, DescribeBlob(bytes), SourceOf(bytes), {}).ok());
  }
  ASSERT_TRUE(registry->Untag(repository_, "old", old.manifest.digest).ok());
  EXPECT_TRUE(registry->PutManifest(repository_, "new", image.manifest).ok());
  EXPECT_TRUE(Has(image));
}

TEST_F(OciDirCollection, WhatWasPushedAndNamedIsCollectedByTheSameObject) {
  const auto registry = Open();
  const TestImage image = TwoPlatforms("app");
  ASSERT_TRUE(PushImage(*registry, repository_, "1.0", image).ok());
  ASSERT_TRUE(registry->Untag(repository_, "1.0", image.manifest.digest).ok());
  EXPECT_EQ(CountBlobs(), 0u);
}

}  // namespace
}  // namespace imglife
