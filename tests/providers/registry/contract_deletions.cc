// What is gone after a deletion, and what isn't.
#include "absl/status/status.h"
#include "gmock/gmock.h"

#include "tests/providers/registry/contract_suite.h"

namespace imglife {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_P(RegistryContract, UntagTakesOneNameOnly) {
  const Repository repository = At("app");
  const TestImage image = TwoPlatforms("app");
  const TestImage other = MakeImage(Named("other"));
  Push(repository, "1.0", image);
  Push(repository, "1", image);
  Push(repository, "2", other);
  const absl::Status status = registry().Untag(repository, "1.0", image.manifest.digest);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(DigestOf(repository, "1.0"), "NOT_FOUND");
  EXPECT_EQ(DigestOf(repository, "1"), image.manifest.digest.str());
  EXPECT_EQ(DigestOf(repository, "2"), other.manifest.digest.str());
  for (const ManifestBytes& child : image.children) {
    EXPECT_EQ(DigestOf(repository, child.digest.str()), child.digest.str());
  }
  for (const auto& [digest, bytes] : image.blobs) {
    EXPECT_EQ(ReadBlob(repository, DescribeBlob(bytes)), bytes);
  }
  const absl::StatusOr<TagList> list = registry().ListTags(repository);
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_THAT(list->tags, ElementsAre("1", "2"));
}

TEST_P(RegistryContract, UntagTakesNoNameOfSomethingElse) {
  const Repository repository = At("app");
  const TestImage image = MakeImage(Named("app"));
  const TestImage other = MakeImage(Named("other"));
  Push(repository, "1.0", image);
  Push(repository, "1", image);
  Push(repository, "1.0", other);
  const absl::Status status = registry().Untag(repository, "1.0", image.manifest.digest);
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted) << status;
  EXPECT_EQ(DigestOf(repository, "1.0"), other.manifest.digest.str());
  EXPECT_EQ(DigestOf(repository, "1"), image.manifest.digest.str());
}

TEST_P(RegistryContract, UntagOfWhatIsNotThereIsNotFound) {
  const Repository repository = At("app");
  const TestImage image = MakeImage(Named("app"));
  Push(repository, "1.0", image);
  const Digest& digest = image.manifest.digest;
  EXPECT_EQ(registry().Untag(repository, "1.1", digest).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(registry().Untag(At("nothing"), "1.0", digest).code(), absl::StatusCode::kNotFound);
  const absl::StatusOr<TagList> list = registry().ListTags(repository);
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_THAT(list->tags, ElementsAre("1.0"));
}

TEST_P(RegistryContract, LastTagCanBeRemoved) {
  const Repository repository = At("app");
  const TestImage image = MakeImage(Named("app"));
  Push(repository, "1.0", image);
  ASSERT_TRUE(registry().Untag(repository, "1.0", image.manifest.digest).ok());
  const absl::StatusOr<TagList> list = registry().ListTags(repository);
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_THAT(list->tags, IsEmpty());
}

TEST_P(RegistryContract, DeletedManifestTakesItsNamesAlong) {
  const Repository repository = At("app");
  const TestImage image = MakeImage(Named("app"));
  const TestImage other = MakeImage(Named("other"));
  Push(repository, "1.0", image);
  Push(repository, "1", image);
  Push(repository, "2", other);
  const absl::Status status = registry().DeleteManifest(repository, image.manifest.digest);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(DigestOf(repository, "1.0"), "NOT_FOUND");
  EXPECT_EQ(DigestOf(repository, "1"), "NOT_FOUND");
  EXPECT_EQ(DigestOf(repository, image.manifest.digest.str()), "NOT_FOUND");
  EXPECT_EQ(DigestOf(repository, "2"), other.manifest.digest.str());
  const absl::StatusOr<TagList> list = registry().ListTags(repository);
  ASSERT_TRUE(list.ok()) << list.status();
  EXPECT_THAT(list->tags, ElementsAre("2"));
}

TEST_P(RegistryContract, DeletingWhatIsNotThereIsNotFound) {
  const Repository repository = At("app");
  const TestImage image = MakeImage(Named("app"));
  Push(repository, "1.0", image);
  const Digest absent = Digest::OfBytes("absent");
  EXPECT_EQ(registry().DeleteManifest(repository, absent).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(registry().DeleteManifest(At("nothing"), absent).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(DigestOf(repository, "1.0"), image.manifest.digest.str());
}

TEST_P(RegistryContract, ImageCanComeBackAfterItsDeletion) {
  const Repository repository = At("app");
  const TestImage image = MakeImage(Named("app"));
  Push(repository, "1.0", image);
  ASSERT_TRUE(registry().DeleteManifest(repository, image.manifest.digest).ok());
  Push(repository, "1.0", image);
  EXPECT_EQ(DigestOf(repository, "1.0"), image.manifest.digest.str());
  for (const auto& [digest, bytes] : image.blobs) {
    EXPECT_EQ(ReadBlob(repository, DescribeBlob(bytes)), bytes);
  }
}

}  // namespace imglife
