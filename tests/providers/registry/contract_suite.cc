#include "tests/providers/registry/contract_suite.h"

#include <algorithm>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"

#include "schema/image/media_type.h"
#include "tests/support/byte_readers.h"

namespace imglife {

using testing::ElementsAre;
using testing::IsEmpty;

namespace {

OpenBlob MustNotOpen() {
  return []() -> absl::StatusOr<std::unique_ptr<ByteReader>> {
    ADD_FAILURE() << "the blob's bytes aren't needed";
    return absl::InternalError("not needed");
  };
}

// Gives some bytes, then fails.
class BreakingReader : public ByteReader {
 public:
  absl::StatusOr<std::size_t> Read(char* buffer, std::size_t size) override {
    if (size == 0 || broken_) return absl::UnavailableError("the source broke");
    broken_ = true;
    buffer[0] = 'x';
    return std::size_t{1};
  }

 private:
  bool broken_ = false;
};

}  // namespace

ImageSpec RegistryContract::Named(const std::string& name) {
  ImageSpec spec;
  spec.name = name;
  return spec;
}

TestImage RegistryContract::TwoPlatforms(const std::string& name) {
  IndexSpec spec;
  for (const char* platform : {"linux/amd64", "linux/arm64"}) {
    spec.images.push_back(Named(name));
    spec.images.back().platform = platform;
  }
  return MakeIndex(spec);
}

void RegistryContract::Push(const Repository& repository, const std::string& tag,
                            const TestImage& image) {
  const absl::Status status = PushImage(registry(), repository, tag, image);
  ASSERT_TRUE(status.ok()) << status;
}

std::string RegistryContract::DigestOf(const Repository& repository,
                                       const std::string& tag_or_digest) {
  const absl::StatusOr<Resolved> resolved = registry().Resolve(repository, tag_or_digest);
  return resolved.ok() ? resolved->digest.str()
                       : absl::StatusCodeToString(resolved.status().code());
}

std::string RegistryContract::ReadBlob(const Repository& repository, const Descriptor& blob) {
  const absl::StatusOr<std::unique_ptr<ByteReader>> reader = registry().GetBlob(repository, blob);
  if (!reader.ok()) return absl::StatusCodeToString(reader.status().code());
  const absl::StatusOr<std::string> bytes = ReadAll(**reader);
  return bytes.ok() ? *bytes : absl::StatusCodeToString(bytes.status().code());
}

TEST_P(RegistryContract, RepositoryThatDoesNotExistHasNoTags) {
  const absl::StatusOr<TagList> list = registry().ListTags(At("nothing"));
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_FALSE(list->repository_exists);
  EXPECT_THAT(list->tags, IsEmpty());
}

TEST_P(RegistryContract, TagsAreSortedByBytes) {
  const Repository repository = At("app");
  const TestImage image = MakeImage(Named("app"));
  for (const char* tag : {"1.10", "b", "1.9", "B", "_x", "1.9"}) Push(repository, tag, image);
  const absl::StatusOr<TagList> list = registry().ListTags(repository);
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_TRUE(list->repository_exists);
  EXPECT_THAT(list->tags, ElementsAre("1.10", "1.9", "B", "_x", "b"));
  EXPECT_THAT(list->warnings, IsEmpty());
}

TEST_P(RegistryContract, WhatWasPushedCanBeAskedForByTagAndDigest) {
  const Repository repository = At("app");
  const TestImage image = MakeImage(Named("app"));
  Push(repository, "1.0", image);
  for (const std::string& name : {std::string("1.0"), image.manifest.digest.str()}) {
    SCOPED_TRACE(name);
    const absl::StatusOr<Resolved> resolved = registry().Resolve(repository, name);
    ASSERT_TRUE(resolved.ok()) << resolved.status();
    EXPECT_EQ(resolved->digest, image.manifest.digest);
    EXPECT_EQ(resolved->media_type, image.manifest.media_type);
    EXPECT_EQ(resolved->size, static_cast<std::int64_t>(image.manifest.content.size()));
    const absl::StatusOr<ManifestBytes> manifest = registry().GetManifest(repository, name);
    ASSERT_TRUE(manifest.ok()) << manifest.status();
    EXPECT_EQ(manifest->digest, image.manifest.digest);
    EXPECT_EQ(manifest->media_type, image.manifest.media_type);
    EXPECT_EQ(manifest->content, image.manifest.content);
  }
}

TEST_P(RegistryContract, ManifestsOfAllKindsKeepTheirMediaType) {
  const Repository repository = At("app");
  ImageSpec docker = Named("docker");
  docker.docker = true;
  IndexSpec docker_list;
  docker_list.images = {docker};
  docker_list.docker = true;
  IndexSpec oci_index;
  oci_index.images = {Named("oci")};
  oci_index.attestations = true;
  for (const TestImage& image :
       {MakeImage(docker), MakeImage(Named("oci")), MakeIndex(docker_list), MakeIndex(oci_index)}) {
    SCOPED_TRACE(image.manifest.media_type);
    Push(repository, "any", image);
    for (const std::string& name : {std::string("any"), image.manifest.digest.str()}) {
      const absl::StatusOr<Resolved> resolved = registry().Resolve(repository, name);
      ASSERT_TRUE(resolved.ok()) << resolved.status();
      EXPECT_EQ(resolved->media_type, image.manifest.media_type);
      const absl::StatusOr<ManifestBytes> manifest = registry().GetManifest(repository, name);
      ASSERT_TRUE(manifest.ok()) << manifest.status();
      EXPECT_EQ(manifest->media_type, image.manifest.media_type);
      EXPECT_EQ(manifest->content, image.manifest.content);
    }
  }
}

TEST_P(RegistryContract, ChildrenOfAnIndexCanBeAskedForByDigest) {
  const Repository repository = At("app");
  const TestImage index = TwoPlatforms("app");
  Push(repository, "1.0", index);
  ASSERT_EQ(index.children.size(), 2u);
  for (const ManifestBytes& child : index.children) {
    EXPECT_EQ(DigestOf(repository, child.digest.str()), child.digest.str());
  }
  const absl::StatusOr<TagList> list = registry().ListTags(repository);
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_THAT(list->tags, ElementsAre("1.0"));
}

TEST_P(RegistryContract, WhatIsNotThereIsNotFound) {
  const Repository repository = At("app");
  const TestImage image = MakeImage(Named("app"));
  const std::string absent = Digest::OfBytes("absent").str();
  Push(repository, "1.0", image);
  for (const std::string& name : {std::string("1.1"), std::string("1"), absent}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(registry().Resolve(repository, name).status().code(), absl::StatusCode::kNotFound);
    EXPECT_EQ(registry().GetManifest(repository, name).status().code(),
              absl::StatusCode::kNotFound);
    EXPECT_EQ(registry().Resolve(At("nothing"), name).status().code(), absl::StatusCode::kNotFound);
    EXPECT_EQ(registry().GetManifest(At("nothing"), name).status().code(),
              absl::StatusCode::kNotFound);
  }
}

TEST_P(RegistryContract, BlobIsNoManifest) {
  const Repository repository = At("app");
  const TestImage image = MakeImage(Named("app"));
  Push(repository, "1.0", image);
  for (const auto& [digest, bytes] : image.blobs) {
    if (TellsBlobsFromManifests()) {
      EXPECT_EQ(DigestOf(repository, digest.str()), "NOT_FOUND");
      EXPECT_EQ(registry().GetManifest(repository, digest.str()).status().code(),
                absl::StatusCode::kNotFound);
    }
    EXPECT_FALSE(registry().DeleteManifest(repository, digest).ok());
    EXPECT_EQ(ReadBlob(repository, DescribeBlob(bytes)), bytes);
  }
}

TEST_P(RegistryContract, TagMovesToWhatIsPushedLast) {
  const Repository repository = At("app");
  const TestImage first = MakeImage(Named("first"));
  const TestImage second = MakeImage(Named("second"));
  Push(repository, "latest", first);
  Push(repository, "stays", first);
  Push(repository, "latest", second);
  EXPECT_EQ(DigestOf(repository, "latest"), second.manifest.digest.str());
  EXPECT_EQ(DigestOf(repository, "stays"), first.manifest.digest.str());
}

TEST_P(RegistryContract, BlobComesBackAsItWas) {
  const Repository repository = At("app");
  const std::string large(3 << 20, 'z');
  for (const std::string& bytes : {std::string("small"), std::string(1, '\0'), large}) {
    const Descriptor blob = DescribeBlob(bytes);
    const absl::StatusOr<PushOutcome> outcome =
        registry().PushBlob(repository, blob, SourceOf(bytes), {});
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    EXPECT_EQ(*outcome, PushOutcome::kUploaded);
    EXPECT_TRUE(ReadBlob(repository, blob) == bytes) << bytes.size() << " bytes";
  }
}

TEST_P(RegistryContract, BlobThatIsNotThereIsNotFound) {
  const Repository repository = At("app");
  Push(repository, "1.0", MakeImage(Named("app")));
  EXPECT_EQ(ReadBlob(repository, DescribeBlob("absent")), "NOT_FOUND");
  EXPECT_EQ(ReadBlob(At("nothing"), DescribeBlob("absent")), "NOT_FOUND");
}

TEST_P(RegistryContract, BlobOfAnotherSizeThanPromisedIsDataLoss) {
  const Repository repository = At("app");
  Descriptor blob = DescribeBlob("five!");
  ASSERT_TRUE(registry().PushBlob(repository, blob, SourceOf("five!"), {}).ok());
  blob.size = 4;
  EXPECT_EQ(ReadBlob(repository, blob), "DATA_LOSS");
  blob.size = 6;
  EXPECT_EQ(ReadBlob(repository, blob), "DATA_LOSS");
}

TEST_P(RegistryContract, TellsWhichBlobsExist) {
  const Repository repository = At("app");
  const Digest digest = Digest::OfBytes("blob");
  EXPECT_THAT(registry().BlobExists(repository, digest).value_or(true), false);
  ASSERT_TRUE(registry().PushBlob(repository, DescribeBlob("blob"), SourceOf("blob"), {}).ok());
  EXPECT_THAT(registry().BlobExists(repository, digest).value_or(false), true);
  EXPECT_THAT(registry().BlobExists(repository, Digest::OfBytes("other")).value_or(true), false);
  EXPECT_THAT(registry().BlobExists(At("other"), digest).value_or(true), false);
}

TEST_P(RegistryContract, BlobThatIsThereIsNotPushedAgain) {
  const Repository repository = At("app");
  const Descriptor blob = DescribeBlob("blob");
  ASSERT_TRUE(registry().PushBlob(repository, blob, SourceOf("blob"), {}).ok());
  const absl::StatusOr<PushOutcome> again =
      registry().PushBlob(repository, blob, MustNotOpen(), {});
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(*again, PushOutcome::kPresent);
}

TEST_P(RegistryContract, BlobIsMountedFromTheFirstRepositoryThatHasIt) {
  const Repository repository = At("app");
  const Descriptor blob = DescribeBlob("blob");
  ASSERT_TRUE(registry().PushBlob(At("has-it"), blob, SourceOf("blob"), {}).ok());
  ASSERT_TRUE(registry().PushBlob(At("has-it-not"), DescribeBlob("x"), SourceOf("x"), {}).ok());
  PushBlobOptions options;
  options.mount_from = {At("has-it")};
  const absl::StatusOr<PushOutcome> outcome =
      registry().PushBlob(repository, blob, MustNotOpen(), options);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(*outcome, PushOutcome::kMounted);
  EXPECT_EQ(ReadBlob(repository, blob), "blob");

  options.mount_from = {At("nothing"), At("has-it-not")};
  options.known_absent = true;
  const absl::StatusOr<PushOutcome> uploaded =
      registry().PushBlob(At("third"), blob, SourceOf("blob"), options);
  ASSERT_TRUE(uploaded.ok()) << uploaded.status();
  EXPECT_EQ(*uploaded, PushOutcome::kUploaded);
  EXPECT_EQ(ReadBlob(At("third"), blob), "blob");
}

TEST_P(RegistryContract, NothingIsStoredWhenTheSourceFails) {
  const Repository repository = At("app");
  const Descriptor blob = DescribeBlob("blob");
  const auto refuses = []() -> absl::StatusOr<std::unique_ptr<ByteReader>> {
    return absl::PermissionDeniedError("the source refuses");
  };
  EXPECT_EQ(registry().PushBlob(repository, blob, refuses, {}).status().code(),
            absl::StatusCode::kPermissionDenied);
  const auto breaks = []() -> absl::StatusOr<std::unique_ptr<ByteReader>> {
    return std::make_unique<BreakingReader>();
  };
  EXPECT_EQ(registry().PushBlob(repository, blob, breaks, {}).status().code(),
            absl::StatusCode::kUnavailable);
  EXPECT_THAT(registry().BlobExists(repository, blob.digest).value_or(true), false);
}

TEST_P(RegistryContract, NothingIsStoredThatIsNotWhatItsDigestPromises) {
  const Repository repository = At("app");
  const Descriptor blob = DescribeBlob("blob");
  for (const char* bytes : {"bl0b", "blo", "", "blob and more"}) {
    SCOPED_TRACE(bytes);
    EXPECT_EQ(registry().PushBlob(repository, blob, SourceOf(bytes), {}).status().code(),
              absl::StatusCode::kDataLoss);
    EXPECT_THAT(registry().BlobExists(repository, blob.digest).value_or(true), false);
  }
}

TEST_P(RegistryContract, ManifestWithoutItsPartsIsRefused) {
  const Repository repository = At("app");
  const TestImage good = MakeImage(Named("good"));
  Push(repository, "1.0", good);
  const TestImage image = MakeImage(Named("incomplete"));
  EXPECT_EQ(registry().PutManifest(repository, "1.0", image.manifest).code(),
            absl::StatusCode::kFailedPrecondition);
  const TestImage index = TwoPlatforms("incomplete");
  EXPECT_EQ(registry().PutManifest(repository, "1.0", index.manifest).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(DigestOf(repository, "1.0"), good.manifest.digest.str());
  EXPECT_EQ(DigestOf(repository, image.manifest.digest.str()), "NOT_FOUND");
}

TEST_P(RegistryContract, ManifestThatIsNotWhatItsDigestPromisesIsRefused) {
  const Repository repository = At("app");
  const TestImage image = MakeImage(Named("app"));
  Push(repository, "1.0", image);
  const Digest other = Digest::OfBytes("other");
  EXPECT_EQ(registry().PutManifest(repository, other.str(), image.manifest).code(),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(DigestOf(repository, other.str()), "NOT_FOUND");
  ManifestBytes changed = image.manifest;
  changed.content += "\n";
  EXPECT_EQ(registry().PutManifest(repository, "2.0", changed).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(DigestOf(repository, "2.0"), "NOT_FOUND");
}

TEST_P(RegistryContract, WhatCannotBeUnderstoodIsInvalid) {
  const Repository repository = At("app");
  const TestImage image = MakeImage(Named("app"));
  Push(repository, "1.0", image);
  EXPECT_EQ(registry().PutManifest(repository, "../up", image.manifest).code(),
            absl::StatusCode::kInvalidArgument);
  ManifestBytes text;
  text.media_type = media_type::kOciManifest;
  text.content = "no manifest";
  text.digest = Digest::OfBytes(text.content);
  EXPECT_EQ(registry().PutManifest(repository, "text", text).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(DigestOf(repository, "text"), "NOT_FOUND");
  for (const char* name : {"", "../1.0", "a b", "sha256:12", "md5:00"}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(registry().Resolve(repository, name).status().code(),
              absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(registry().GetManifest(repository, name).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

TEST_P(RegistryContract, ListsWhatRefersToAManifest) {
  const Repository repository = At("app");
  const TestImage image = MakeImage(Named("app"));
  Push(repository, "1.0", image);
  const absl::StatusOr<std::vector<Descriptor>> none =
      registry().ListReferrers(repository, image.manifest.digest);
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_THAT(*none, IsEmpty());

  ImageSpec spec = Named("signature");
  spec.artifact_type = "application/vnd.example.signature";
  spec.subject = image.ToDescriptor();
  spec.annotations = {{"by", "us"}};
  const TestImage signature = MakeImage(spec);
  Push(repository, "", signature);
  const absl::StatusOr<std::vector<Descriptor>> referrers =
      registry().ListReferrers(repository, image.manifest.digest);
  ASSERT_TRUE(referrers.ok()) << referrers.status();
  ASSERT_EQ(referrers->size(), 1u);
  const Descriptor& referrer = referrers->front();
  EXPECT_EQ(referrer.digest, signature.manifest.digest);
  EXPECT_EQ(referrer.media_type, signature.manifest.media_type);
  EXPECT_EQ(referrer.size, static_cast<std::int64_t>(signature.manifest.content.size()));
  EXPECT_EQ(referrer.artifact_type, "application/vnd.example.signature");
  EXPECT_EQ(referrer.annotations, spec.annotations);
}

TEST_P(RegistryContract, ListsReferrersByDigest) {
  const Repository repository = At("app");
  const TestImage image = MakeImage(Named("app"));
  Push(repository, "1.0", image);
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    ImageSpec spec = Named(name);
    spec.subject = image.ToDescriptor();
    Push(repository, "", MakeImage(spec));
  }
  const absl::StatusOr<std::vector<Descriptor>> referrers =
      registry().ListReferrers(repository, image.manifest.digest);
  ASSERT_TRUE(referrers.ok()) << referrers.status();
  EXPECT_EQ(referrers->size(), 5u);
  EXPECT_TRUE(
      std::is_sorted(referrers->begin(), referrers->end(),
                     [](const Descriptor& a, const Descriptor& b) { return a.digest < b.digest; }));
}

TEST_P(RegistryContract, NothingRefersToWhatIsNotThere) {
  const absl::StatusOr<std::vector<Descriptor>> referrers =
      registry().ListReferrers(At("nothing"), Digest::OfBytes("absent"));
  ASSERT_TRUE(referrers.ok()) << referrers.status();
  EXPECT_THAT(*referrers, IsEmpty());
}

TEST_P(RegistryContract, ProbeTouchesNothing) {
  const Repository repository = At("app");
  const absl::StatusOr<Capabilities> capabilities = registry().Probe(repository);
  ASSERT_TRUE(capabilities.ok()) << capabilities.status();
  EXPECT_TRUE(capabilities->deletes_manifests) << capabilities->why_not;
  EXPECT_NE(capabilities->untag, UntagMethod::kNone) << capabilities->why_not;
  EXPECT_FALSE(registry().ListTags(repository)->repository_exists);

  const TestImage image = MakeImage(Named("app"));
  Push(repository, "1.0", image);
  ASSERT_TRUE(registry().Probe(repository).ok());
  EXPECT_EQ(DigestOf(repository, "1.0"), image.manifest.digest.str());
}

TEST_P(RegistryContract, ManyThreadsPushIntoOneRepository) {
  const Repository repository = At("app");
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      ImageSpec spec = Named("app" + std::to_string(i));
      spec.shared_layers = {"base"};
      const absl::Status status =
          PushImage(registry(), repository, "tag" + std::to_string(i), MakeImage(spec));
      EXPECT_TRUE(status.ok()) << status;
    });
  }
  for (std::thread& thread : threads) thread.join();
  const absl::StatusOr<TagList> list = registry().ListTags(repository);
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_EQ(list->tags.size(), 8u);
}

TEST_P(RegistryContract, SmallBlobIsReadUpToALimit) {
  const Repository repository = At("app");
  const Descriptor blob = DescribeBlob("0123456789");
  ASSERT_TRUE(registry().PushBlob(repository, blob, SourceOf("0123456789"), {}).ok());
  const absl::StatusOr<std::string> all = ReadSmallBlob(registry(), repository, blob, 10);
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(*all, "0123456789");
  EXPECT_EQ(ReadSmallBlob(registry(), repository, blob, 9).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReadSmallBlob(registry(), repository, DescribeBlob("absent"), 10).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_P(RegistryContract, ListsTheRepositoriesBelowAPrefix) {
  for (const char* name : {"bases/b", "bases/a", "bases/deep/c", "basest", "mirrors/d"}) {
    Push(At(name), "1.0", MakeImage(Named(name)));
  }
  const auto below = registry().ListRepositories(At("bases"));
  ASSERT_TRUE(below.ok()) << below.status();
  EXPECT_THAT(*below, ElementsAre(At("bases/a"), At("bases/b"), At("bases/deep/c")));
  const auto nothing = registry().ListRepositories(At("nothing"));
  ASSERT_TRUE(nothing.ok()) << nothing.status();
  EXPECT_THAT(*nothing, IsEmpty());
}

}  // namespace imglife
