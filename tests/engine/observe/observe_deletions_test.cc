// What deletions depend on: what is asked for it, and what unreadable answers become.
#include "engine/observe/observe_deletions.h"

#include "gmock/gmock.h"

#include "engine/observe/image_limits.h"
#include "tests/engine/observe/observe_fixture.h"
#include "tests/support/odd_images.h"
#include "tests/support/referrer_maker.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class ObserveDeletionsTest : public ObserveTest {
 protected:
  ObserveDeletionsTest() {
    for (const char* tag : {"1", "2"}) AddTag(kApp, tag, MakeImage({.name = tag}));
    AddTag(kApp, "two", MakeImage({.name = "2"}));
    AddTag(kLib, "1", MakeImage({.name = "lib"}));
  }

  // There, and known from before.
  void AddTag(const Repository& repository, const std::string& tag, const TestImage& image) {
    registry_.AddImage(repository, tag, image);
    observed_.repositories[repository].resolved.insert_or_assign(
        tag, ObservedTag{image.manifest.digest, std::nullopt});
  }

  void LookAt(const std::map<Repository, std::vector<std::string>>& candidates) {
    const auto memo = MakeRegistryMemo(registry_);
    ObserveDeletions(candidates, *memo, observed_);
  }

  Observed observed_;
};

TEST_F(ObserveDeletionsTest, EachRepositoryIsProbedAndEachDigestAskedForReferrersOnce) {
  TestImage signature =
      MakeImage({.name = "signature", .subject = MakeImage({.name = "2"}).ToDescriptor()});
  registry_.AddImage(kApp, "", signature);
  LookAt({{kApp, {"1", "2", "two"}}});
  const std::string one = MakeImage({.name = "1"}).manifest.digest.str();
  const std::string two = MakeImage({.name = "2"}).manifest.digest.str();
  std::vector<std::string> asked = {
      "GetManifest r.test/bases/app " + one,
      "GetManifest r.test/bases/app " + two,
      "ListReferrers r.test/bases/app " + one,
      "ListReferrers r.test/bases/app " + two,
      "GetManifest r.test/bases/app " + signature.manifest.digest.str(),
      "ListReferrers r.test/bases/app " + signature.manifest.digest.str(),
      "Probe r.test/bases/app"};
  std::sort(asked.begin(), asked.end());
  EXPECT_EQ(Asked(), asked);
  EXPECT_TRUE(observed_.capabilities.at(kApp)->deletes_manifests);
  EXPECT_THAT(*observed_.referrers.at({kApp, MakeImage({.name = "1"}).manifest.digest}), IsEmpty());
  EXPECT_EQ(observed_.referrers.at({kApp, MakeImage({.name = "2"}).manifest.digest})->at(0).digest,
            signature.manifest.digest);
  EXPECT_THAT(observed_.uses.at(kApp)->UsersOf(MakeImage({.name = "2"}).manifest.digest),
              ElementsAre(signature.manifest.digest));
}

TEST_F(ObserveDeletionsTest, WhatLeadsFurtherThanAnyImageIsNotReadable) {
  AddTag(kApp, "deep", MakeNest(kMaxLinks));
  AddTag(kLib, "too-deep", MakeNest(kMaxLinks + 1));
  LookAt({{kApp, {"1"}}, {kLib, {"1"}}});
  EXPECT_TRUE(observed_.uses.at(kApp).ok()) << observed_.uses.at(kApp).status();
  const absl::Status status = observed_.uses.at(kLib).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), HasSubstr("nests manifests more than 14 deep"));
}

TEST_F(ObserveDeletionsTest, WhatLeadsToMoreThanAnyImageIsRefusedBeforeItIsAsked) {
  AddTag(kLib, "too-wide", MakeWideIndex(kMaxParts + 1));
  LookAt({{kLib, {"1"}}});
  const absl::Status status = observed_.uses.at(kLib).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), HasSubstr("leads to more than 4096 manifests"));
  EXPECT_EQ(registry_.CountCalls("GetManifest"), 2u);
}

TEST_F(ObserveDeletionsTest, AllThatTagsLeadToIsRead) {
  IndexSpec spec;
  spec.images = {{.name = "amd"}, {.name = "arm", .platform = "linux/arm64"}};
  const TestImage index = MakeIndex(spec);
  registry_.AddImage(kLib, "", index);
  AddTag(kLib, "sbom", MakeImage({.name = "sbom", .subject = index.ToDescriptor()}));
  LookAt({{kLib, {"1"}}});
  const absl::StatusOr<RepositoryUse>& use = observed_.uses.at(kLib);
  ASSERT_TRUE(use.ok()) << use.status();
  EXPECT_EQ(use->tags().size(), 2U);
  EXPECT_NE(use->Find(index.manifest.digest), nullptr);
  for (const ManifestBytes& child : index.children) {
    EXPECT_THAT(use->UsersOf(child.digest), ElementsAre(index.manifest.digest));
    EXPECT_EQ(use->SizeOf(child.digest), static_cast<std::int64_t>(child.content.size()));
  }
}

TEST_F(ObserveDeletionsTest, WhatRefersToPartsIsRead) {
  const TestImage index =
      MakeIndex({.images = {{.name = "amd"}, {.name = "arm", .platform = "linux/arm64"}}});
  const Digest amd = index.children[0].digest;
  const Digest arm = index.children[1].digest;
  const TestImage sbom =
      MakeReferrer(MakeImage({.name = "amd"}).ToDescriptor(), "of a part, by the API alone");
  const TestImage artifact = MakeOldArtifact("of a part");
  AddTag(kLib, "index", index);
  registry_.AddImage(kLib, "", sbom);
  registry_.AddImage(kLib, "", artifact);
  registry_.ListAlso(arm, {artifact.ToDescriptor()});
  LookAt({{kLib, {"index"}}});
  const absl::StatusOr<RepositoryUse>& use = observed_.uses.at(kLib);
  ASSERT_TRUE(use.ok()) << use.status();
  EXPECT_THAT(use->UsersOf(amd), UnorderedElementsAre(index.manifest.digest, sbom.manifest.digest));
  EXPECT_FALSE(use->IsKept(amd));
  EXPECT_TRUE(use->IsKept(arm)) << "what refers to it can't be read";
  const auto& unreadable = observed_.unreadable_referrers.at({kLib, index.manifest.digest});
  ASSERT_EQ(unreadable.size(), 1u);
  EXPECT_EQ(unreadable[0].digest, artifact.manifest.digest);
  EXPECT_EQ(registry_.CountCalls("ListReferrers"), 4u);
}

TEST_F(ObserveDeletionsTest, WhatRefersToAPartMustBeReadable) {
  const TestImage index = MakeIndex({.images = {{.name = "amd"}}});
  AddTag(kLib, "index", index);
  registry_.Inject({.method = "ListReferrers", .argument = index.children[0].digest.str()});
  LookAt({{kLib, {"index"}}});
  EXPECT_TRUE(absl::IsUnavailable(observed_.referrers.at({kLib, index.manifest.digest}).status()));
}

TEST_F(ObserveDeletionsTest, WhatCannotBeReadIsNoGap) {
  registry_.Inject({.method = "GetManifest",
                    .argument = MakeImage({.name = "lib"}).manifest.digest.str(),
                    .times = 100});
  LookAt({{kLib, {"1"}}});
  EXPECT_TRUE(absl::IsUnavailable(observed_.uses.at(kLib).status()));
}

TEST_F(ObserveDeletionsTest, NothingIsAskedOfOtherRepositories) {
  LookAt({});
  EXPECT_THAT(Asked(), IsEmpty());
  LookAt({{kLib, {"1"}}});
  EXPECT_EQ(registry_.CountCalls("", "r.test/bases/app"), 0u);
  EXPECT_EQ(observed_.capabilities.size(), 1u);
}

TEST_F(ObserveDeletionsTest, ATagWithoutDigestHasNoReferrersToAskFor) {
  observed_.repositories[kLib].resolved.insert_or_assign("1", absl::UnavailableError("503"));
  LookAt({{kLib, {"1", "never resolved"}}});
  EXPECT_THAT(Asked(), ElementsAre("Probe r.test/bases/lib"));
}

TEST_F(ObserveDeletionsTest, WhatCannotBeAskedSaysWhy) {
  registry_.Inject({.method = "Probe", .repository = "r.test/bases/app"});
  registry_.Inject({.method = "ListReferrers", .repository = "r.test/bases/lib"});
  LookAt({{kApp, {"1"}}, {kLib, {"1"}}});
  EXPECT_TRUE(absl::IsUnavailable(observed_.capabilities.at(kApp).status()));
  EXPECT_TRUE(observed_.capabilities.at(kLib).ok());
  EXPECT_TRUE(observed_.referrers.at({kApp, MakeImage({.name = "1"}).manifest.digest}).ok());
  EXPECT_TRUE(absl::IsUnavailable(
      observed_.referrers.at({kLib, MakeImage({.name = "lib"}).manifest.digest}).status()));
}

}  // namespace
}  // namespace imglife
