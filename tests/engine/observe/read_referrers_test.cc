#include "engine/observe/read_referrers.h"

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/observe/image_limits.h"
#include "tests/engine/observe/config_maker.h"
#include "tests/support/fake_registry.h"
#include "tests/support/odd_images.h"
#include "tests/support/referrer_maker.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

// A registry whose lists of referrers say what the test wants.
class Liar : public FakeRegistry {
 public:
  absl::StatusOr<std::vector<Descriptor>> ListReferrers(const Repository& repository,
                                                        const Digest& subject) override {
    auto listed = FakeRegistry::ListReferrers(repository, subject);
    if (listed.ok()) listed->insert(listed->end(), added.begin(), added.end());
    return listed;
  }

  std::vector<Descriptor> added;
};

class ReadReferrersTest : public ::testing::Test {
 protected:
  ReadReferrersTest() { registry_.AddImage(kApp, "1", image_); }

  TestImage Attach(const TestImage& subject, const std::string& name) {
    const TestImage referrer = MakeReferrer(subject.ToDescriptor(), name);
    registry_.AddImage(kApp, "", referrer);
    return referrer;
  }

  absl::StatusOr<FoundReferrers> Read() {
    return ReadReferrers(*memo_, registry_, kApp, {image_.manifest.digest});
  }

  std::vector<Digest> Found() {
    const auto found = Read();
    EXPECT_TRUE(found.ok()) << found.status();
    return found.value_or(FoundReferrers()).all;
  }

  std::vector<Digest> Unreadable() {
    const FoundReferrers found = Read().value();
    std::vector<Digest> digests;
    for (const Descriptor& one : found.unreadable) digests.push_back(one.digest);
    return digests;
  }

  const TestImage image_ = MakeImage({.name = "image"});
  Liar registry_;
  const std::unique_ptr<RegistryMemo> memo_ = MakeRegistryMemo(registry_);
};

TEST_F(ReadReferrersTest, ThereMayBeNone) {
  EXPECT_THAT(Found(), IsEmpty());
}

TEST_F(ReadReferrersTest, EachFollowsItsSubject) {
  const TestImage sbom = Attach(image_, "sbom");
  const TestImage signature = Attach(sbom, "signature of the sbom");
  const TestImage seal = Attach(signature, "seal");
  EXPECT_THAT(Found(),
              ElementsAre(sbom.manifest.digest, signature.manifest.digest, seal.manifest.digest));
  EXPECT_EQ(Read()->own.size(), 1u);
  EXPECT_EQ(Read()->own[0].digest, sbom.manifest.digest);
}

TEST_F(ReadReferrersTest, OfSeveralSubjectsEachIsAsked) {
  const TestImage other = MakeImage({.name = "other"});
  registry_.AddImage(kApp, "", other);
  const TestImage sbom = Attach(image_, "sbom");
  const TestImage scan = Attach(other, "scan");
  const TestImage seal = Attach(scan, "seal");
  const auto found =
      ReadReferrers(*memo_, registry_, kApp, {image_.manifest.digest, other.manifest.digest});
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(found->all,
              ElementsAre(sbom.manifest.digest, scan.manifest.digest, seal.manifest.digest));
  EXPECT_EQ(found->own.size(), 2u);
  EXPECT_THAT(found->untold, IsEmpty());
}

TEST_F(ReadReferrersTest, ListsAreNotBelieved) {
  const TestImage own = Attach(image_, "own");
  const TestImage kept = MakeImage({.name = "kept"});
  registry_.AddImage(kApp, "kept", kept);
  const TestImage of_kept = Attach(kept, "of kept");
  registry_.added = {of_kept.ToDescriptor(), kept.ToDescriptor(), image_.ToDescriptor(),
                     MakeImage({.name = "gone"}).ToDescriptor()};
  EXPECT_THAT(Found(), UnorderedElementsAre(own.manifest.digest));
}

TEST_F(ReadReferrersTest, WhatIsOfNoKnownKindIsToldApart) {
  const TestImage artifact = MakeOldArtifact("artifact");
  registry_.AddImage(kApp, "", artifact);
  registry_.added = {artifact.ToDescriptor()};
  EXPECT_THAT(Found(), IsEmpty());
  EXPECT_THAT(Read()->untold, ElementsAre(image_.manifest.digest));
  EXPECT_THAT(Unreadable(), ElementsAre(artifact.manifest.digest));
}

TEST_F(ReadReferrersTest, SoIsWhatRefersToAReferrer) {
  const TestImage sbom = Attach(image_, "sbom");
  const TestImage artifact = MakeOldArtifact("artifact");
  registry_.AddImage(kApp, "", artifact);
  registry_.ListAlso(sbom.manifest.digest, {artifact.ToDescriptor()});
  EXPECT_THAT(Found(), ElementsAre(sbom.manifest.digest));
  EXPECT_THAT(Read()->untold, IsEmpty());
  EXPECT_THAT(Unreadable(), ElementsAre(artifact.manifest.digest));
}

TEST_F(ReadReferrersTest, WhatCannotBeReadIsNoGap) {
  const TestImage own = Attach(image_, "own");
  registry_.Inject({.method = "GetManifest", .argument = own.manifest.digest.str()});
  EXPECT_TRUE(absl::IsUnavailable(Read().status()));
  registry_.Inject({.method = "ListReferrers", .argument = own.manifest.digest.str()});
  EXPECT_TRUE(absl::IsUnavailable(
      ReadReferrers(*MakeRegistryMemo(registry_), registry_, kApp, {image_.manifest.digest})
          .status()));
}

TEST_F(ReadReferrersTest, TooManyAreRefusedBeforeTheyAreRead) {
  for (std::size_t i = 0; i <= kMaxReferrers; ++i) {
    Descriptor referrer = image_.ToDescriptor();
    referrer.digest = Digest::OfBytes(fmt::format("{}", i));
    registry_.added.push_back(referrer);
  }
  EXPECT_EQ(Read().status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(registry_.CountCalls("GetManifest"), 0u);
}

}  // namespace
}  // namespace imglife
