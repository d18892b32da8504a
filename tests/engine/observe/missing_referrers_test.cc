#include "engine/observe/missing_referrers.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/observe/image_limits.h"
#include "engine/observe/observe_archives.h"
#include "tests/support/fake_registry.h"
#include "tests/support/referrer_maker.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

const Repository kUpstream{Repository::Kind::kDistribution, "up.test", "library/alpine"};
const Repository kTarget{Repository::Kind::kDistribution, "r.test", "mirrors/alpine"};

class MissingReferrersTest : public ::testing::Test {
 protected:
  MissingReferrersTest() {
    IndexSpec spec;
    spec.images = {{.name = "amd"}, {.name = "arm", .platform = "linux/arm64"}};
    image_ = MakeIndex(spec);
    world_.AddImage(kUpstream, "3", image_);
    world_.AddImage(kTarget, "3", image_);
  }

  absl::StatusOr<MissingReferrers> Find() {
    world_.ForgetCalls();
    const auto memo = MakeRegistryMemo(world_);
    const auto subjects = SubjectsOf(*memo, kUpstream, image_.manifest.digest, {});
    if (!subjects.ok()) return subjects.status();
    return FindMissingReferrers(*memo, kUpstream, *memo, kTarget, *subjects);
  }

  std::vector<Digest> Missing() {
    const auto found = Find();
    EXPECT_TRUE(found.ok()) << found.status();
    std::vector<Digest> digests;
    if (!found.ok()) return digests;
    for (const MissingReferrer& referrer : found->missing) digests.push_back(referrer.digest);
    return digests;
  }

  // Without a tag of its own.
  TestImage Add(const Repository& repository, const TestImage& referrer) {
    world_.AddImage(repository, "made", referrer);
    world_.RemoveTag(repository, "made");
    return referrer;
  }

  FakeRegistry world_;
  TestImage image_;
};

TEST_F(MissingReferrersTest, FindsWhatTheTargetLacks) {
  const TestImage sbom = Add(kUpstream, MakeReferrer(image_.ToDescriptor(), "sbom"));
  const TestImage note = Add(kUpstream, MakeReferrer(image_.ToDescriptor(), "provenance"));
  EXPECT_THAT(Missing(), UnorderedElementsAre(sbom.manifest.digest, note.manifest.digest));
  Add(kTarget, note);
  EXPECT_THAT(Missing(), ElementsAre(sbom.manifest.digest));
  Add(kTarget, sbom);
  EXPECT_THAT(Missing(), IsEmpty());
}

TEST_F(MissingReferrersTest, SaysWhatBothHave) {
  const TestImage sbom = Add(kUpstream, MakeReferrer(image_.ToDescriptor(), "sbom"));
  const std::string tag = TagOf(image_.manifest.digest, ".sig");
  world_.AddImage(kUpstream, tag, MakeSignatures({"alice"}));
  EXPECT_THAT(Find()->present, IsEmpty());
  Add(kTarget, sbom);
  world_.AddImage(kTarget, tag, MakeSignatures({"alice"}));
  EXPECT_THAT(Find()->present,
              ElementsAre(sbom.manifest.digest, MakeSignatures({"alice"}).manifest.digest));
}

TEST_F(MissingReferrersTest, ReadsNoneOfMoreThanAnyImageHas) {
  for (std::size_t i = 0; i <= kMaxReferrers; ++i) {
    Add(kUpstream, MakeReferrer(image_.ToDescriptor(), std::to_string(i)));
  }
  const absl::Status status = Find().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()), HasSubstr("more than 1000 referrers of one image"));
  // The image itself.
  EXPECT_EQ(world_.CountCalls("GetManifest"), 1u);
}

TEST_F(MissingReferrersTest, SaysWhatItIs) {
  const TestImage sbom = Add(kUpstream, MakeReferrer(image_.ToDescriptor(), "sbom"));
  const TestImage signatures = MakeSignatures({"alice"});
  const std::string tag = TagOf(image_.manifest.digest, ".sig");
  world_.AddImage(kUpstream, tag, signatures);
  EXPECT_THAT(Find()->missing,
              ElementsAre(MissingReferrer{sbom.manifest.digest, "", "application/spdx+json", {}},
                          MissingReferrer{signatures.manifest.digest, tag, "", {}}));
}

TEST_F(MissingReferrersTest, PartsOfTheImageHaveReferrersToo) {
  TestImage part{.manifest = image_.children.at(1), .children = {}, .blobs = {}};
  const TestImage sbom = Add(kUpstream, MakeReferrer(part.ToDescriptor(), "sbom of arm"));
  const TestImage signatures = MakeSignatures({"alice"});
  world_.AddImage(kUpstream, TagOf(image_.children.at(0).digest, ".att"), signatures);
  EXPECT_THAT(Missing(), UnorderedElementsAre(sbom.manifest.digest, signatures.manifest.digest));
}

TEST_F(MissingReferrersTest, WhatRefersToAReferrerComesBeforeIt) {
  const TestImage sbom = Add(kUpstream, MakeReferrer(image_.ToDescriptor(), "sbom"));
  const TestImage of_sbom = Add(kUpstream, MakeReferrer(sbom.ToDescriptor(), "signature of it"));
  const TestImage of_that = MakeSignatures({"bob"});
  world_.AddImage(kUpstream, TagOf(of_sbom.manifest.digest, ".sig"), of_that);
  EXPECT_THAT(Missing(),
              ElementsAre(of_that.manifest.digest, of_sbom.manifest.digest, sbom.manifest.digest));
  // Also of one that the target has already.
  Add(kTarget, sbom);
  EXPECT_THAT(Missing(), ElementsAre(of_that.manifest.digest, of_sbom.manifest.digest));
}

TEST_F(MissingReferrersTest, ACircleOfTagsEnds) {
  const TestImage first = MakeSignatures({"first"});
  const TestImage second = MakeSignatures({"second"});
  world_.AddImage(kUpstream, TagOf(image_.manifest.digest, ".sig"), first);
  world_.AddImage(kUpstream, TagOf(first.manifest.digest, ".sig"), second);
  world_.AddImage(kUpstream, TagOf(second.manifest.digest, ".sig"), first);
  EXPECT_THAT(Missing(), UnorderedElementsAre(first.manifest.digest, second.manifest.digest,
                                              first.manifest.digest));
}

TEST_F(MissingReferrersTest, AnEndlessChainIsRefused) {
  TestImage last = image_;
  for (int i = 0; i < 12; ++i) {
    last = Add(kUpstream, MakeReferrer(last.ToDescriptor(), "step " + std::to_string(i)));
  }
  const auto found = Find();
  EXPECT_TRUE(absl::IsResourceExhausted(found.status())) << found.status();
  EXPECT_THAT(std::string(found.status().message()), HasSubstr("up.test/library/alpine"));
}

TEST_F(MissingReferrersTest, ATagIsReplacedOnlyIfNothingIsLost) {
  const std::string tag = TagOf(image_.manifest.digest, ".sig");
  const TestImage alice = MakeSignatures({"alice"});
  const TestImage both = MakeSignatures({"alice", "bob"});
  world_.AddImage(kUpstream, tag, both);
  world_.AddImage(kTarget, tag, alice);
  EXPECT_THAT(Find()->missing,
              ElementsAre(MissingReferrer{both.manifest.digest, tag, "", alice.manifest.digest}));

  world_.AddImage(kTarget, tag, MakeSignatures({"alice", "bob", "our own"}));
  EXPECT_THAT(Find()->missing, IsEmpty());
  EXPECT_THAT(Find()->conflicts, IsEmpty());

  world_.AddImage(kTarget, tag, MakeSignatures({"alice", "our own"}));
  EXPECT_THAT(Find()->missing, IsEmpty());
  EXPECT_THAT(Find()->conflicts, ElementsAre(HasSubstr(kTarget.ToString() + ":" + tag)));
}

TEST_F(MissingReferrersTest, NotesOfAnArchiveStayThere) {
  Add(kUpstream, MakeReferrer(image_.ToDescriptor(), "note", std::string(kArchiveNoteType)));
  EXPECT_THAT(Missing(), IsEmpty());
}

TEST_F(MissingReferrersTest, WhatAListNamesThatIsGoneRefersToNothing) {
  const TestImage sbom = Add(kUpstream, MakeReferrer(image_.ToDescriptor(), "sbom"));
  world_.Inject({.method = "GetManifest",
                 .repository = kUpstream.ToString(),
                 .argument = sbom.manifest.digest.str(),
                 .status = absl::NotFoundError("gone")});
  EXPECT_THAT(Missing(), IsEmpty());
}

TEST_F(MissingReferrersTest, NotReadableIsNotEmpty) {
  Add(kUpstream, MakeReferrer(image_.ToDescriptor(), "sbom"));
  world_.AddImage(kUpstream, TagOf(image_.manifest.digest, ".sig"), MakeSignatures({"alice"}));
  for (const Repository& repository : {kUpstream, kTarget}) {
    for (const char* method : {"ListReferrers", "Resolve"}) {
      world_.Inject({.method = method, .repository = repository.ToString()});
      const auto found = Find();
      EXPECT_TRUE(absl::IsUnavailable(found.status())) << method << " " << repository.ToString();
      EXPECT_TRUE(Find().ok());
    }
  }
}

TEST_F(MissingReferrersTest, AListThatCannotBeReadIsNoReasonNotToLook) {
  const TestImage signatures = MakeSignatures({"alice"});
  world_.AddImage(kUpstream, TagOf(image_.manifest.digest, ".sig"), signatures);
  world_.Inject({.method = "ListTags", .repository = kUpstream.ToString()});
  EXPECT_THAT(Missing(), ElementsAre(signatures.manifest.digest));
}

// One question for each manifest in the source, and none in the target where nothing refers to any.
TEST_F(MissingReferrersTest, AsksLittle) {
  EXPECT_THAT(Missing(), IsEmpty());
  EXPECT_EQ(world_.CountCalls("ListReferrers", kUpstream.ToString()), 3u);
  EXPECT_EQ(world_.CountCalls("ListTags", kUpstream.ToString()), 1u);
  EXPECT_EQ(world_.CountCalls("Resolve"), 0u);
  EXPECT_EQ(world_.CountCalls("", kTarget.ToString()), 0u);
}

TEST_F(MissingReferrersTest, ToAReducedIndexNothingRefersUpstream) {
  const auto memo = MakeRegistryMemo(world_);
  const std::vector<Platform> arm{{"linux", "arm64", "", ""}};
  EXPECT_THAT(SubjectsOf(*memo, kUpstream, image_.manifest.digest, arm).value(),
              ElementsAre(image_.children.at(1).digest));
  EXPECT_THAT(SubjectsOf(*memo, kUpstream, image_.children.at(1).digest, arm).value(),
              ElementsAre(image_.children.at(1).digest));
  // As it is in the mirror.
  const auto reduced = FilterIndex(image_.manifest, arm);
  world_.AddImage(kTarget, "reduced",
                  TestImage{.manifest = *reduced, .children = image_.children, .blobs = {}});
  EXPECT_THAT(SubjectsOf(*memo, kTarget, reduced->digest, arm).value(),
              ElementsAre(image_.children.at(1).digest));
}

}  // namespace
}  // namespace imglife
