// Against Debian's docker-registry (distribution 2.8.2).
#include <algorithm>
#include <filesystem>

#include "absl/status/status.h"
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "providers/http/curl_transport.h"
#include "providers/registry/distribution/distribution_registry.h"
#include "schema/image/media_type.h"
#include "tests/providers/registry/distribution/blob_of.h"
#include "tests/providers/registry/distribution/scripted_registry.h"
#include "tests/support/byte_readers.h"
#include "tests/support/docker_registry.h"

namespace imglife {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

ManifestBytes ImageOf(const std::string& config, const std::string& layer,
                      std::string_view type = media_type::kOciManifest) {
  ManifestBytes manifest;
  manifest.media_type = std::string(type);
  manifest.content = fmt::format(
      R"({{"schemaVersion":2,"mediaType":"{}",)"
      R"("config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{}","size":{}}},)"
      R"("layers":[{{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{}","size":{}}}]}})",
      type, Digest::OfBytes(config).str(), config.size(), Digest::OfBytes(layer).str(),
      layer.size());
  manifest.digest = Digest::OfBytes(manifest.content);
  return manifest;
}

class DockerRegistryTest : public testing::Test {
 protected:
  void Start(const DockerRegistryOptions& options) {
    server_ = std::make_unique<DockerRegistry>(options);
    app_ = server_->At("acme/app");
  }

  Registry& registry() {
    if (server_ == nullptr) Start({});
    if (registry_ == nullptr) {
      registry_ = MakeDistributionRegistry(*transport_, credentials_, {});
    }
    return *registry_;
  }

  const Repository& app() {
    registry();
    return app_;
  }

  PushOutcome Push(const Repository& repository, const std::string& bytes,
                   const PushBlobOptions& options = {}) {
    const absl::StatusOr<PushOutcome> outcome =
        registry().PushBlob(repository, BlobOf(bytes), SourceOf(bytes), options);
    EXPECT_TRUE(outcome.ok()) << outcome.status();
    return outcome.value_or(PushOutcome::kPresent);
  }

  ManifestBytes PushImage(const std::string& tag, const std::string& config,
                          std::string_view type = media_type::kOciManifest) {
    Push(app(), config);
    Push(app(), "layer");
    const ManifestBytes image = ImageOf(config, "layer", type);
    const absl::Status put = registry().PutManifest(app(), tag, image);
    EXPECT_TRUE(put.ok()) << put;
    return image;
  }

  std::vector<std::string> Tags() {
    const absl::StatusOr<TagList> list = registry().ListTags(app());
    EXPECT_TRUE(list.ok()) << list.status();
    return list.ok() ? list->tags : std::vector<std::string>{"failed"};
  }

  // The requests since the last call.
  std::vector<std::string> NewRequests() {
    const std::vector<std::string> all = server_->Requests();
    std::vector<std::string> fresh(all.begin() + static_cast<std::ptrdiff_t>(seen_), all.end());
    seen_ = all.size();
    return fresh;
  }

  std::unique_ptr<Transport> transport_ = MakeCurlTransport({});
  FixedCredential credentials_;
  std::unique_ptr<DockerRegistry> server_;
  std::unique_ptr<Registry> registry_;
  Repository app_;
  std::size_t seen_ = 0;
};

TEST_F(DockerRegistryTest, AnUnknownRepositoryIsAnAnswer) {
  const absl::StatusOr<TagList> list = registry().ListTags(app());
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_FALSE(list->repository_exists);
  EXPECT_THAT(list->tags, IsEmpty());
  EXPECT_TRUE(absl::IsNotFound(registry().Resolve(app(), "1").status()));
  EXPECT_TRUE(absl::IsNotFound(registry().GetManifest(app(), "1").status()));
}

TEST_F(DockerRegistryTest, WhatIsPushedIsThere) {
  const ManifestBytes image = PushImage("1.2", "config");
  PushImage("1.10", "config");
  EXPECT_THAT(Tags(), ElementsAre("1.10", "1.2"));

  const absl::StatusOr<Resolved> resolved = registry().Resolve(app(), "1.2");
  ASSERT_TRUE(resolved.ok()) << resolved.status();
  EXPECT_EQ(resolved->digest, image.digest);
  EXPECT_EQ(resolved->media_type, media_type::kOciManifest);
  EXPECT_EQ(resolved->size, static_cast<std::int64_t>(image.content.size()));
  EXPECT_TRUE(registry().Resolve(app(), image.digest.str()).ok());

  const absl::StatusOr<ManifestBytes> got = registry().GetManifest(app(), "1.2");
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->content, image.content);
  EXPECT_EQ(got->digest, image.digest);

  const absl::StatusOr<std::unique_ptr<ByteReader>> blob =
      registry().GetBlob(app(), BlobOf("layer"));
  ASSERT_TRUE(blob.ok()) << blob.status();
  EXPECT_EQ(*ReadAll(**blob), "layer");
}

TEST_F(DockerRegistryTest, EveryMediaTypeIsAskedFor) {
  for (const std::string_view type : {media_type::kOciManifest, media_type::kDockerManifest}) {
    PushImage("image", "config", type);
    EXPECT_EQ(registry().Resolve(app(), "image")->media_type, type);
    EXPECT_EQ(registry().GetManifest(app(), "image")->media_type, type);
  }
  const ManifestBytes child = ImageOf("config", "layer", media_type::kDockerManifest);
  for (const std::string_view type : {media_type::kOciIndex, media_type::kDockerList}) {
    ManifestBytes index;
    index.media_type = std::string(type);
    index.content = fmt::format(
        R"({{"schemaVersion":2,"mediaType":"{}","manifests":[{{"mediaType":"{}","digest":"{}",)"
        R"("size":{},"platform":{{"os":"linux","architecture":"amd64"}}}}]}})",
        type, media_type::kDockerManifest, child.digest.str(), child.content.size());
    index.digest = Digest::OfBytes(index.content);
    ASSERT_TRUE(registry().PutManifest(app(), "index", index).ok());
    EXPECT_EQ(registry().Resolve(app(), "index")->digest, index.digest);
    EXPECT_EQ(registry().GetManifest(app(), "index")->media_type, type);
  }
}

TEST_F(DockerRegistryTest, ABlobIsPushedInThreeRequestsAndFoundInOne) {
  EXPECT_EQ(Push(app(), "bytes"), PushOutcome::kUploaded);
  EXPECT_THAT(
      NewRequests(),
      ElementsAre(HasSubstr("HEAD /v2/acme/app/blobs/sha256:"),
                  "POST /v2/acme/app/blobs/uploads/ 202",
                  testing::AllOf(HasSubstr("PUT /v2/acme/app/blobs/uploads/"), HasSubstr(" 201"))));
  EXPECT_EQ(Push(app(), "bytes"), PushOutcome::kPresent);
  EXPECT_THAT(NewRequests(), ElementsAre(HasSubstr("HEAD /v2/acme/app/blobs/sha256:")));
  EXPECT_TRUE(*registry().BlobExists(app(), Digest::OfBytes("bytes")));
  EXPECT_FALSE(*registry().BlobExists(app(), Digest::OfBytes("other")));
}

TEST_F(DockerRegistryTest, AKnownAbsentBlobIsNotLookedFor) {
  PushBlobOptions options;
  options.known_absent = true;
  EXPECT_EQ(Push(app(), "", options), PushOutcome::kUploaded);
  EXPECT_THAT(NewRequests(), ElementsAre(HasSubstr("POST "), HasSubstr("PUT ")));
  EXPECT_TRUE(*registry().BlobExists(app(), Digest::OfBytes("")));
}

TEST_F(DockerRegistryTest, ABlobIsMounted) {
  Push(app(), "bytes");
  NewRequests();
  PushBlobOptions options;
  options.known_absent = true;
  options.mount_from = {app()};
  EXPECT_EQ(Push(server_->At("other"), "bytes", options), PushOutcome::kMounted);
  EXPECT_THAT(NewRequests(), ElementsAre(HasSubstr("POST /v2/other/blobs/uploads/?mount=")));
}

TEST_F(DockerRegistryTest, AMountThatFailsUsesItsSession) {
  PushBlobOptions options;
  options.known_absent = true;
  options.mount_from = {app()};
  EXPECT_EQ(Push(server_->At("other"), "bytes", options), PushOutcome::kUploaded);
  EXPECT_THAT(NewRequests(), ElementsAre(HasSubstr("POST "), HasSubstr("PUT ")));
}

TEST_F(DockerRegistryTest, ALargeBlobKeepsItsBytes) {
  std::string bytes(5 << 20, 'x');
  for (std::size_t i = 0; i < bytes.size(); i += 997) bytes[i] = static_cast<char>(i % 251);
  EXPECT_EQ(Push(app(), bytes), PushOutcome::kUploaded);
  const absl::StatusOr<std::unique_ptr<ByteReader>> blob = registry().GetBlob(app(), BlobOf(bytes));
  ASSERT_TRUE(blob.ok()) << blob.status();
  EXPECT_TRUE(*ReadAll(**blob) == bytes);
}

TEST_F(DockerRegistryTest, ASourceWithOtherBytesIsNotStored) {
  const absl::StatusOr<PushOutcome> outcome =
      registry().PushBlob(app(), BlobOf("bytes"), SourceOf("sevyb"), {});
  EXPECT_TRUE(absl::IsDataLoss(outcome.status())) << outcome.status();
  EXPECT_FALSE(*registry().BlobExists(app(), Digest::OfBytes("bytes")));
}

TEST_F(DockerRegistryTest, AnIncompleteImageIsRefused) {
  const absl::Status put = registry().PutManifest(app(), "1", ImageOf("no config", "no layer"));
  EXPECT_EQ(put.code(), absl::StatusCode::kFailedPrecondition) << put;
  EXPECT_THAT(std::string(put.message()), HasSubstr("MANIFEST_BLOB_UNKNOWN"));
}

TEST_F(DockerRegistryTest, CapabilitiesWithDeletes) {
  const absl::StatusOr<Capabilities> capabilities = registry().Probe(app());
  ASSERT_TRUE(capabilities.ok()) << capabilities.status();
  EXPECT_TRUE(capabilities->deletes_manifests);
  EXPECT_EQ(capabilities->untag, UntagMethod::kPlaceholder);
  NewRequests();
  EXPECT_EQ(registry().Probe(server_->At("other"))->untag, UntagMethod::kPlaceholder);
  EXPECT_THAT(NewRequests(), IsEmpty());
}

TEST_F(DockerRegistryTest, CapabilitiesAreTheSameOnceTheRepositoryExists) {
  PushImage("1", "config");
  const absl::StatusOr<Capabilities> capabilities = registry().Probe(app());
  ASSERT_TRUE(capabilities.ok()) << capabilities.status();
  EXPECT_TRUE(capabilities->deletes_manifests);
  EXPECT_EQ(capabilities->untag, UntagMethod::kPlaceholder);
  EXPECT_THAT(Tags(), ElementsAre("1"));
}

TEST_F(DockerRegistryTest, CapabilitiesWithoutDeletes) {
  DockerRegistryOptions options;
  options.deletes = false;
  Start(options);
  const Digest digest = PushImage("1", "config").digest;
  const absl::StatusOr<Capabilities> capabilities = registry().Probe(app());
  ASSERT_TRUE(capabilities.ok()) << capabilities.status();
  EXPECT_FALSE(capabilities->deletes_manifests);
  EXPECT_EQ(capabilities->untag, UntagMethod::kNone);
  EXPECT_THAT(capabilities->why_not, HasSubstr("405"));
  NewRequests();
  EXPECT_TRUE(absl::IsUnimplemented(registry().Untag(app(), "1", digest)));
  EXPECT_THAT(NewRequests(), IsEmpty());
  EXPECT_TRUE(absl::IsUnimplemented(registry().DeleteManifest(app(), digest)));
  EXPECT_THAT(Tags(), ElementsAre("1"));
}

TEST_F(DockerRegistryTest, UntagLeavesEveryOtherNameOfTheDigest) {
  for (const std::string_view type : {media_type::kOciManifest, media_type::kDockerManifest}) {
    const ManifestBytes image = PushImage("1", "config", type);
    PushImage("1.2", "config", type);
    PushImage("latest", "config", type);
    const absl::Status untagged = registry().Untag(app(), "1.2", image.digest);
    ASSERT_TRUE(untagged.ok()) << untagged;
    EXPECT_THAT(Tags(), ElementsAre("1", "latest"));
    EXPECT_EQ(registry().Resolve(app(), "latest")->digest, image.digest);
  }
}

TEST_F(DockerRegistryTest, ThePlaceholdersConfigIsPushedOnce) {
  const ManifestBytes image = PushImage("1", "config");
  PushImage("2", "config");
  PushImage("3", "config");
  ASSERT_TRUE(registry().Untag(app(), "1", image.digest).ok());
  NewRequests();
  ASSERT_TRUE(registry().Untag(app(), "2", image.digest).ok());
  EXPECT_THAT(NewRequests(),
              ElementsAre("HEAD /v2/acme/app/manifests/2 200", "PUT /v2/acme/app/manifests/2 201",
                          HasSubstr("DELETE /v2/acme/app/manifests/sha256:")));
}

TEST_F(DockerRegistryTest, AnUnknownTagIsNotFoundAndNothingIsWritten) {
  const ManifestBytes image = PushImage("1", "config");
  EXPECT_TRUE(absl::IsNotFound(registry().Untag(app(), "2", image.digest)));
  EXPECT_THAT(Tags(), ElementsAre("1"));
}

TEST_F(DockerRegistryTest, ADeletedManifestTakesAllItsNames) {
  const ManifestBytes image = PushImage("1", "config");
  PushImage("2", "other config");
  ASSERT_TRUE(registry().PutManifest(app(), "one", image).ok());
  ASSERT_TRUE(registry().DeleteManifest(app(), image.digest).ok());
  EXPECT_THAT(Tags(), ElementsAre("2"));
  EXPECT_TRUE(absl::IsNotFound(registry().DeleteManifest(app(), image.digest)));
}

// As the server leaves it when it is killed between a manifest and its tags.
TEST_F(DockerRegistryTest, ANameThatLeadsNowhereIsTakenAway) {
  const ManifestBytes image = PushImage("1", "config");
  PushImage("2", "other");
  std::filesystem::remove_all(fmt::format("{}/_manifests/revisions/sha256/{}",
                                          server_->DirectoryOf("acme/app"), image.digest.hex()));
  ASSERT_THAT(Tags(), ElementsAre("1", "2"));
  ASSERT_TRUE(absl::IsNotFound(registry().Resolve(app(), "1").status()));
  const absl::Status status = registry().Untag(app(), "1", image.digest);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_THAT(Tags(), ElementsAre("2"));
}

TEST_F(DockerRegistryTest, AnEmptiedRepositoryHasNoTags) {
  const ManifestBytes image = PushImage("1", "config");
  ASSERT_TRUE(registry().DeleteManifest(app(), image.digest).ok());
  const absl::StatusOr<TagList> list = registry().ListTags(app());
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_THAT(list->tags, IsEmpty());
  EXPECT_TRUE(list->repository_exists);
}

TEST_F(DockerRegistryTest, ReferrersComeFromTheirTag) {
  const ManifestBytes image = PushImage("1", "config");
  EXPECT_THAT(*registry().ListReferrers(app(), image.digest), IsEmpty());
  const ManifestBytes referrer = PushImage("signature", "signature config");
  ManifestBytes index;
  index.media_type = std::string(media_type::kOciIndex);
  index.content = fmt::format(
      R"({{"schemaVersion":2,"mediaType":"{}","manifests":[{{"mediaType":"{}","digest":"{}",)"
      R"("size":{},"artifactType":"application/x.test"}}]}})",
      media_type::kOciIndex, referrer.media_type, referrer.digest.str(), referrer.content.size());
  index.digest = Digest::OfBytes(index.content);
  const std::string tag = fmt::format("sha256-{}", image.digest.hex());
  ASSERT_TRUE(registry().PutManifest(app(), tag, index).ok());
  const absl::StatusOr<std::vector<Descriptor>> referrers =
      registry().ListReferrers(app(), image.digest);
  ASSERT_TRUE(referrers.ok()) << referrers.status();
  ASSERT_EQ(referrers->size(), 1u);
  EXPECT_EQ(referrers->front().digest, referrer.digest);
  EXPECT_EQ(referrers->front().artifact_type, "application/x.test");
}

TEST_F(DockerRegistryTest, APasswordIsSentOnceItIsAskedFor) {
  DockerRegistryOptions options;
  options.password = true;
  Start(options);
  credentials_.credential.username = std::string(DockerRegistry::kUsername);
  credentials_.credential.password = Secret(std::string(DockerRegistry::kPassword));
  PushImage("1", "config");
  EXPECT_THAT(Tags(), ElementsAre("1"));
  const std::vector<std::string> requests = NewRequests();
  EXPECT_EQ(std::count_if(requests.begin(), requests.end(),
                          [](const std::string& line) { return line.ends_with(" 401"); }),
            1);
}

TEST_F(DockerRegistryTest, AWrongPasswordIsNamedByItsSource) {
  DockerRegistryOptions options;
  options.password = true;
  Start(options);
  credentials_.credential.username = "imglife";
  credentials_.credential.password = Secret("not-this-one");
  credentials_.credential.source = "docker config";
  const absl::Status status = registry().ListTags(app()).status();
  EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("docker config"));
  EXPECT_THAT(std::string(status.message()), testing::Not(HasSubstr("not-this-one")));
}

}  // namespace
}  // namespace imglife
