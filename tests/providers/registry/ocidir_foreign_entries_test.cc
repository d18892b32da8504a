// Entries of index.json that are no tags hold what they name: no listing shows them.
#include <filesystem>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

#include "schema/image/media_type.h"
#include "tests/providers/registry/ocidir_fixture.h"

namespace imglife {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr char kRefName[] = "org.opencontainers.image.ref.name";
constexpr char kContainerdName[] = "io.containerd.image.name";

class OciDirForeignEntries : public OciDirTest {
 protected:
  static TestImage Index(const std::string& name) {
    IndexSpec spec;
    spec.images.resize(2);
    for (ImageSpec& image : spec.images) image.name = name;
    spec.images[1].platform = "linux/arm64";
    return MakeIndex(spec);
  }

  static TestImage Signature(const TestImage& image) {
    ImageSpec spec;
    spec.name = "signature";
    spec.artifact_type = "application/vnd.example.signature";
    spec.subject = image.ToDescriptor();
    return MakeImage(spec);
  }

  static nlohmann::json Named(const std::string& annotation, const std::string& name) {
    nlohmann::json annotations;
    annotations[annotation] = name;
    return annotations;
  }

  static nlohmann::json Entry(const ManifestBytes& manifest, const nlohmann::json& annotations) {
    nlohmann::json entry = {{"mediaType", manifest.media_type},
                            {"digest", manifest.digest.str()},
                            {"size", manifest.content.size()}};
    if (!annotations.is_null()) entry["annotations"] = annotations;
    return entry;
  }

  void AddEntry(const ManifestBytes& manifest, const nlohmann::json& annotations) const {
    EditIndex(
        [&](nlohmann::json& manifests) { manifests.push_back(Entry(manifest, annotations)); });
  }

  // Stores it without an entry.
  void PushUnnamed(const TestImage& image) const {
    Push("passing", image);
    EditIndex([](nlohmann::json& manifests) { manifests.erase(manifests.size() - 1); });
  }

  // Fails with this reason and changes nothing.
  void ExpectKept(const Digest& digest, const std::string& reason) const {
    const std::string index = Read(PathOf("index.json"));
    const std::size_t blobs = CountBlobs();
    const absl::Status status = Open()->DeleteManifest(repository_, digest);
    EXPECT_EQ(status.code(), absl::StatusCode::kAborted) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(reason));
    EXPECT_EQ(Read(PathOf("index.json")), index);
    EXPECT_EQ(CountBlobs(), blobs);
  }

  std::map<Digest, std::string> Held() const {
    const auto list = Open()->ListTags(repository_);
    EXPECT_TRUE(list.ok()) << list.status();
    return list.ok() ? list->held : std::map<Digest, std::string>();
  }

  const TestImage image_ = Image("app");
  const Digest digest_ = image_.manifest.digest;
};

TEST_F(OciDirForeignEntries, OfTheDeletedDigestKeepIt) {
  const std::pair<nlohmann::json, std::string> entries[] = {
      {nullptr, "which has no name"},
      {Named(kRefName, "team/app:1.0"), "named team/app:1.0"},
      {Named(kRefName, "foo bar"), "named foo bar"},
      {Named(kContainerdName, "docker.io/library/app:1"), "named docker.io/library/app:1"}};
  for (const auto& [annotations, name] : entries) {
    Push("1.0", image_);
    AddEntry(image_.manifest, annotations);
    ExpectKept(digest_, "as manifests[1] of index.json, " + name + " needs it");
    EXPECT_THAT(Held(), UnorderedElementsAre(Pair(digest_, HasSubstr(name))));
    // The tag alone can go.
    ASSERT_TRUE(Open()->Untag(repository_, "1.0", digest_).ok());
    EXPECT_TRUE(Has(image_));
    std::filesystem::remove_all(PathOf(""));
  }
}

// The first counts; what the other names is nobody's but its own.
TEST_F(OciDirForeignEntries, OfATagsNameKeepTheirDigest) {
  Push("1.0", Image("first"));
  Push("2.0", image_);
  AddEntry(image_.manifest, Named(kRefName, "1.0"));
  ExpectKept(digest_, "manifests[2] of index.json, named 1.0");
}

TEST_F(OciDirForeignEntries, KeepWhatTheyLeadTo) {
  const TestImage index = Index("app");
  Push("all", index);
  ASSERT_TRUE(Open()->PutManifest(repository_, "amd64", index.children[0]).ok());
  EditIndex([](nlohmann::json& manifests) { manifests[0].erase("annotations"); });
  ExpectKept(index.children[0].digest, "manifests[0] of index.json, which has no name");
  ExpectKept(index.children[1].digest, "manifests[0] of index.json, which has no name");
  EXPECT_THAT(Held(), UnorderedElementsAre(Pair(index.manifest.digest, HasSubstr("no name"))));
}

TEST_F(OciDirForeignEntries, KeepWhatTheyLeadToOverIndexesAndSubjects) {
  const TestImage signature = Signature(image_);
  Push("1.0", image_);
  PushUnnamed(signature);
  nlohmann::json inner = {
      {"schemaVersion", 2},
      {"mediaType", media_type::kOciIndex},
      {"manifests", nlohmann::json::array({Entry(signature.manifest, nullptr)})}};
  ManifestBytes bytes;
  for (int level = 0; level < 2; ++level) {
    bytes.content = inner.dump();
    bytes.media_type = std::string(media_type::kOciIndex);
    bytes.digest = Digest::OfBytes(bytes.content);
    Write(PathOf(bytes.digest), bytes.content);
    inner["manifests"] = nlohmann::json::array({Entry(bytes, nullptr)});
  }
  AddEntry(bytes, Named(kRefName, "team/app:1.0"));
  ExpectKept(digest_, "named team/app:1.0");
}

// What PutManifest leaves without a name is found with its subject, and goes with it.
TEST_F(OciDirForeignEntries, ReferrersAreNone) {
  const TestImage signature = Signature(image_);
  Push("1.0", image_);
  Push("", signature);
  EXPECT_THAT(Held(), IsEmpty());
  ASSERT_TRUE(Open()->DeleteManifest(repository_, digest_).ok());
  ASSERT_TRUE(Open()->DeleteManifest(repository_, signature.manifest.digest).ok());
  EXPECT_EQ(CountBlobs(), 0u);
}

TEST_F(OciDirForeignEntries, ReferrersWithANameAreForeign) {
  const TestImage signature = Signature(image_);
  Push("1.0", image_);
  Push("", signature);
  EditIndex(
      [](nlohmann::json& manifests) { manifests[1]["annotations"][kRefName] = "team/app:sig"; });
  ExpectKept(signature.manifest.digest, "named team/app:sig");
  ExpectKept(digest_, "named team/app:sig");
}

TEST_F(OciDirForeignEntries, PartsOfTagsStayToo) {
  const TestImage index = Index("app");
  Push("all", index);
  ExpectKept(index.children[0].digest, "manifests[0] of index.json, named all");
  ASSERT_TRUE(Open()->DeleteManifest(repository_, index.manifest.digest).ok());
  EXPECT_EQ(CountBlobs(), 0u);
}

TEST_F(OciDirForeignEntries, ThatCannotBeReadMayNeedAnything) {
  Push("1.0", image_);
  Push("other", Image("other"));
  EditIndex([](nlohmann::json& manifests) { manifests[1].erase("annotations"); });
  std::string damaged = Image("other").manifest.content;
  damaged[damaged.size() / 2] = '#';
  Write(PathOf(Image("other").manifest.digest), damaged);
  const absl::Status status = Open()->DeleteManifest(repository_, digest_);
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("it can't be told whether manifests[1]"), HasSubstr("needs it")));
  EXPECT_TRUE(Has(image_));
  EXPECT_EQ(Open()->Resolve(repository_, "1.0")->digest, digest_);
  EXPECT_THAT(Held(), UnorderedElementsAre(Pair(Image("other").manifest.digest, HasSubstr("[1]"))));
}

// image-layout.md allows entries of any kind.
TEST_F(OciDirForeignEntries, ThatAreNotThereOrNoManifestsHoldNothingElse) {
  Push("1.0", image_);
  AddEntry(Image("absent").manifest, nullptr);
  const std::string notes = "<notes/>";
  Write(PathOf(Digest::OfBytes(notes)), notes);
  AddEntry({.media_type = "application/xml", .content = notes, .digest = Digest::OfBytes(notes)},
           nullptr);
  EXPECT_THAT(Held(), IsEmpty());
  ExpectKept(Image("absent").manifest.digest, "manifests[1]");
  ASSERT_TRUE(Open()->DeleteManifest(repository_, digest_).ok());
  EXPECT_FALSE(std::filesystem::exists(PathOf(digest_)));
  const nlohmann::json index = nlohmann::json::parse(Read(PathOf("index.json")));
  EXPECT_EQ(index["manifests"].size(), 2u);
}

}  // namespace
}  // namespace imglife
