// What goes with a manifest: the largest set that nothing else leads to.
#include "engine/diff/removal.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/plan/plan_maker.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string Signature(const std::string& digest) {
  return "sha256-" + std::string(MakeDigest(digest).hex()) + ".sig";
}

class JudgeRemovalTest : public ::testing::Test {
 protected:
  void Index(const std::string& digest, const std::vector<std::string>& children) {
    Manifest manifest;
    manifest.is_index = true;
    for (const std::string& child : children) manifest.children.push_back(MakeDescriptor(child));
    use_.Add(MakeDigest(digest), manifest, 100);
  }
  void Image(const std::string& digest) { use_.Add(MakeDigest(digest), {}, 100); }
  void Referrer(const std::string& digest, const std::string& subject) {
    Manifest manifest;
    manifest.subject = MakeDescriptor(subject);
    use_.Add(MakeDigest(digest), manifest, 100);
  }
  void Tag(const std::string& tag, const std::string& digest) {
    use_.SetTag(tag, MakeDigest(digest));
  }
  void Hold(const std::string& digest) { use_.SetHeld({{MakeDigest(digest), "an entry"}}); }
  Removal Judge(const std::string& digest, const std::vector<Descriptor>& listed = {}) {
    return JudgeRemoval(use_, "old", MakeDigest(digest), listed);
  }

  RepositoryUse use_;
};

TEST_F(JudgeRemovalTest, PartsOfPartsGo) {
  Index("a1", {"a2", "c1"});
  Index("a2", {"c2"});
  Image("c1");
  Image("c2");
  Tag("old", "a1");
  EXPECT_THAT(Judge("a1").children,
              ElementsAre(MakeDigest("a2"), MakeDigest("c2"), MakeDigest("c1")));
}

// Whoever may push decides how far manifests lead.
TEST_F(JudgeRemovalTest, NoChainIsTooLong) {
  constexpr int kLength = 100'000;
  const auto name = [](int i) { return fmt::format("{:08x}", i); };
  for (int i = 0; i < kLength; ++i) Index(name(i), {name(i + 1)});
  Image(name(kLength));
  Tag("old", name(0));
  EXPECT_EQ(Judge(name(0)).children.size(), std::size_t{kLength});
  Tag("kept", name(1));
  EXPECT_THAT(Judge(name(0)).children, IsEmpty());
}

TEST_F(JudgeRemovalTest, PartsOfAPartThatIsUsedStay) {
  Index("a1", {"a2", "c1"});
  Index("a2", {"c2"});
  Image("c1");
  Image("c2");
  Tag("old", "a1");
  Tag("stay", "a2");
  EXPECT_THAT(Judge("a1").children, ElementsAre(MakeDigest("c1")));
}

TEST_F(JudgeRemovalTest, WhatOnlyPartsOfItShareGoes) {
  Index("a1", {"a2", "a3"});
  Index("a2", {"c1"});
  Index("a3", {"c1"});
  Image("c1");
  Tag("old", "a1");
  EXPECT_THAT(Judge("a1").children,
              ElementsAre(MakeDigest("a2"), MakeDigest("c1"), MakeDigest("a3")));
}

TEST_F(JudgeRemovalTest, APartOfAPartOfAnotherIndexLosesTheTagOnly) {
  Index("a1", {"a2"});
  Index("a2", {"c1"});
  Image("c1");
  Tag("stay", "a1");
  Tag("old", "c1");
  const Removal removal = Judge("c1");
  EXPECT_FALSE(removal.IsWhole());
  EXPECT_THAT(removal.users, ElementsAre(MakeDigest("a2")));
  EXPECT_THAT(removal.manifests, IsEmpty());
}

TEST_F(JudgeRemovalTest, WhatIsHeldWithoutATagLosesTheTagOnly) {
  Image("a1");
  Tag("old", "a1");
  ASSERT_TRUE(Judge("a1").IsWhole());
  Hold("a1");
  const Removal removal = Judge("a1");
  EXPECT_FALSE(removal.IsWhole());
  EXPECT_EQ(removal.holder, "an entry");
  EXPECT_THAT(removal.manifests, IsEmpty());
}

TEST_F(JudgeRemovalTest, PartsThatAreHeldWithoutATagStay) {
  Index("a1", {"c1", "a2"});
  Index("a2", {"c2"});
  Image("c1");
  Image("c2");
  Tag("old", "a1");
  Hold("a2");
  EXPECT_THAT(Judge("a1").children, ElementsAre(MakeDigest("c1")));
}

TEST_F(JudgeRemovalTest, ASignatureOfWhatIsHeldWithoutATagLosesTheTagOnly) {
  Image("a1");
  Referrer("e1", "a1");
  Tag("old", "e1");
  ASSERT_TRUE(Judge("e1").IsWhole());
  Hold("a1");
  EXPECT_EQ(Judge("e1").subject, MakeDigest("a1"));
}

TEST_F(JudgeRemovalTest, SignaturesOfItsPartsGo) {
  Index("a1", {"c1", "c2"});
  Index("a2", {"c2"});
  Image("c1");
  Image("c2");
  for (const char* part : {"c1", "c2"}) Tag(Signature(part), std::string("e") + part);
  Referrer("ec1", "c1");
  Referrer("ec2", "c2");
  Tag("old", "a1");
  Tag("stay", "a2");
  const Removal removal = Judge("a1");
  EXPECT_THAT(removal.children, ElementsAre(MakeDigest("c1")));
  EXPECT_THAT(removal.referrer_tags, ElementsAre(Signature("c1")));
}

TEST_F(JudgeRemovalTest, TheListOfItsReferrersDoesNotHoldThem) {
  Image("a1");
  Referrer("e1", "a1");
  Index("f1", {"e1"});
  Tag("old", "a1");
  Tag(Signature("a1").substr(0, 71), "f1");
  const Removal removal = Judge("a1", {MakeDescriptor("e1")});
  EXPECT_TRUE(removal.IsWhole());
  EXPECT_THAT(removal.referrers, ElementsAre(MakeDigest("e1")));
  EXPECT_EQ(removal.manifests.count(MakeDigest("f1")), 1U);
}

// What refers to a referrer is in the list under the tag of that referrer.
TEST_F(JudgeRemovalTest, ReferrersOfItsReferrersGo) {
  Image("a1");
  Referrer("e1", "a1");
  Referrer("e2", "e1");
  Index("f1", {"e2"});
  Tag("old", "a1");
  Tag("sha256-" + std::string(MakeDigest("e1").hex()), "f1");
  EXPECT_THAT(Judge("a1", {MakeDescriptor("e1")}).referrers,
              ElementsAre(MakeDigest("e1"), MakeDigest("e2")));
}

TEST_F(JudgeRemovalTest, AListIsNotBelieved) {
  Image("a1");
  Image("a2");
  Image("a3");
  Referrer("e1", "a1");
  Referrer("e2", "a2");
  Tag("old", "a1");
  Tag("kept", "a2");
  // The signature of another image, an image without a subject, and what nobody has read.
  const Removal removal = Judge("a1", {MakeDescriptor("e1"), MakeDescriptor("e2"),
                                       MakeDescriptor("a3"), MakeDescriptor("e9")});
  EXPECT_TRUE(removal.IsWhole());
  EXPECT_THAT(removal.referrers, ElementsAre(MakeDigest("e1")));
  EXPECT_THAT(removal.manifests, ElementsAre(MakeDigest("a1"), MakeDigest("e1")));
}

TEST_F(JudgeRemovalTest, AListUnderAFallbackTagIsNotBelievedEither) {
  Image("a1");
  Image("a2");
  Image("a3");
  Referrer("e1", "a1");
  Referrer("e2", "a2");
  Index("f1", {"e1", "e2", "a3"});
  Tag("old", "a1");
  Tag("kept", "a2");
  Tag("sha256-" + std::string(MakeDigest("a1").hex()), "f1");
  const Removal removal = Judge("a1", {MakeDescriptor("e1")});
  EXPECT_THAT(removal.manifests, ElementsAre(MakeDigest("a1"), MakeDigest("e1"), MakeDigest("f1")));
}

TEST_F(JudgeRemovalTest, ReferrersOfItsReferrersGoWithoutAList) {
  Image("a1");
  Referrer("e1", "a1");
  Referrer("e2", "e1");
  Referrer("e3", "e2");
  Tag("old", "a1");
  EXPECT_THAT(Judge("a1", {MakeDescriptor("e1")}).referrers,
              ElementsAre(MakeDigest("e1"), MakeDigest("e2"), MakeDigest("e3")));
}

TEST_F(JudgeRemovalTest, AReferrerOfItsReferrerThatHasATagHoldsBoth) {
  Image("a1");
  Referrer("e1", "a1");
  Referrer("e2", "e1");
  Tag("old", "a1");
  Tag("kept", "e2");
  const Removal removal = Judge("a1", {MakeDescriptor("e1")});
  EXPECT_FALSE(removal.IsWhole());
  EXPECT_THAT(removal.users, ElementsAre(MakeDigest("e1")));
}

TEST_F(JudgeRemovalTest, WhatRefersToItsPartsGoes) {
  Index("a1", {"c1"});
  Image("c1");
  Referrer("e1", "c1");
  Referrer("e2", "e1");
  Tag("old", "a1");
  const Removal removal = Judge("a1");
  EXPECT_THAT(removal.children, ElementsAre(MakeDigest("c1")));
  EXPECT_THAT(removal.referrers, ElementsAre(MakeDigest("e1"), MakeDigest("e2")));
}

TEST_F(JudgeRemovalTest, WhatRefersToAPartThatStaysStays) {
  Index("a1", {"c1", "c2"});
  Index("a2", {"c1"});
  Image("c1");
  Image("c2");
  Referrer("e1", "c1");
  Referrer("e2", "e1");
  Tag("old", "a1");
  Tag("kept", "a2");
  const Removal removal = Judge("a1");
  EXPECT_THAT(removal.manifests, ElementsAre(MakeDigest("a1"), MakeDigest("c2")));
  EXPECT_THAT(removal.referrers, IsEmpty());
}

TEST_F(JudgeRemovalTest, AReferrerOfAPartThatHasATagHoldsThePart) {
  Index("a1", {"c1", "c2"});
  Image("c1");
  Image("c2");
  Referrer("e1", "c1");
  Referrer("e2", "c1");
  Tag("old", "a1");
  Tag("sbom", "e1");
  EXPECT_THAT(Judge("a1").manifests, ElementsAre(MakeDigest("a1"), MakeDigest("c2")));
}

// An index within the index, with its image and both of their signatures.
TEST_F(JudgeRemovalTest, APartThatIsKeptKeepsAllThatBelongsToIt) {
  Index("a1", {"a2", "c2"});
  Index("a2", {"c1"});
  Image("c1");
  Image("c2");
  Referrer("e1", "c1");
  Referrer("e2", "a2");
  Index("f1", {"e2"});
  Tag("old", "a1");
  Tag("sha256-" + std::string(MakeDigest("a2").hex()), "f1");
  use_.Keep(MakeDigest("a2"));
  const Removal removal = Judge("a1");
  EXPECT_THAT(removal.manifests, ElementsAre(MakeDigest("a1"), MakeDigest("c2")));
  EXPECT_THAT(removal.referrer_tags, IsEmpty());
}

TEST_F(JudgeRemovalTest, AnImageGoesThoughItIsAPartThatIsKept) {
  Image("a1");
  Tag("old", "a1");
  use_.Keep(MakeDigest("a1"));
  EXPECT_TRUE(Judge("a1").IsWhole());
  EXPECT_THAT(Judge("a1").manifests, ElementsAre(MakeDigest("a1")));
}

// An attestation is a part of its index, and has the image beside it as its subject.
TEST_F(JudgeRemovalTest, APartGoesThoughItRefersToAPartThatStays) {
  Image("c1");
  Referrer("e1", "c1");
  Referrer("e2", "c1");
  Index("a1", {"c1", "e1"});
  Index("a2", {"c1", "e2"});
  Tag("old", "a1");
  Tag("kept", "a2");
  EXPECT_THAT(Judge("a1").children, ElementsAre(MakeDigest("e1")));
}

TEST_F(JudgeRemovalTest, AReferrerThatSomethingElseLeadsToStaysAndHoldsIt) {
  Image("a1");
  Referrer("e1", "a1");
  Referrer("e2", "e1");
  Tag("old", "a1");
  Tag("stay", "e2");
  const Removal removal = Judge("a1", {MakeDescriptor("e1")});
  EXPECT_FALSE(removal.IsWhole());
  EXPECT_THAT(removal.users, ElementsAre(MakeDigest("e1")));
}

TEST_F(JudgeRemovalTest, ASignatureThatHasAnotherNameOnlyLosesItsTag) {
  Image("a1");
  Image("e1");
  Tag("old", "a1");
  Tag(Signature("a1"), "e1");
  Tag(Signature("a2"), "e1");
  const Removal removal = Judge("a1");
  EXPECT_THAT(removal.referrer_tags, ElementsAre(Signature("a1")));
  EXPECT_THAT(removal.manifests, ElementsAre(MakeDigest("a1")));
}

TEST_F(JudgeRemovalTest, AReferrerOfWhatStaysLosesItsTagOnly) {
  Image("a1");
  Referrer("e1", "a1");
  Tag("1.0", "a1");
  Tag("old", "e1");
  const Removal removal = Judge("e1");
  EXPECT_FALSE(removal.IsWhole());
  EXPECT_EQ(removal.subject, MakeDigest("a1"));
  EXPECT_THAT(removal.manifests, IsEmpty());
}

TEST_F(JudgeRemovalTest, AReferrerOfAPartOrOfAReferrerOfWhatStaysLosesItsTagOnly) {
  Index("a1", {"c1"});
  Image("c1");
  Referrer("e1", "c1");
  Referrer("e2", "e1");
  Tag("1.0", "a1");
  Tag("old", "e2");
  EXPECT_EQ(Judge("e2").subject, MakeDigest("e1"));
}

TEST_F(JudgeRemovalTest, AReferrerOfWhatNoTagLeadsToGoes) {
  Image("a1");
  Referrer("e1", "a1");
  Referrer("e2", "a3");
  Tag("old", "e1");
  Tag("other", "e2");
  EXPECT_TRUE(Judge("e1").IsWhole());
  EXPECT_TRUE(JudgeRemoval(use_, "other", MakeDigest("e2"), {}).IsWhole());
}

TEST_F(JudgeRemovalTest, WhatWentIsNoUserAnyMore) {
  Index("a1", {"c1"});
  Index("a2", {"c1"});
  Image("c1");
  Tag("other", "a2");
  Tag("old", "a1");
  EXPECT_THAT(Judge("a1").children, IsEmpty());
  use_.RemoveTag("other");
  use_.Remove(MakeDigest("a2"));
  EXPECT_THAT(Judge("a1").children, ElementsAre(MakeDigest("c1")));
}

TEST_F(JudgeRemovalTest, ARegistryDecidesHowItCanGo) {
  Image("a1");
  Tag("old", "a1");
  const Removal whole = Judge("a1");
  Tag("stay", "a1");
  const Removal name = Judge("a1");
  const Capabilities nothing;
  const Capabilities manifests{.deletes_manifests = true, .untag = UntagMethod::kNone};
  const Capabilities tags{.deletes_manifests = false, .untag = UntagMethod::kTag};
  EXPECT_EQ(WayOf(whole, nothing), std::nullopt);
  EXPECT_EQ(WayOf(whole, manifests), DeleteWork::Way::kManifest);
  EXPECT_EQ(WayOf(whole, tags), DeleteWork::Way::kUntag);
  EXPECT_EQ(WayOf(name, manifests), std::nullopt);
  EXPECT_EQ(WayOf(name, tags), DeleteWork::Way::kUntag);
}

}  // namespace
}  // namespace imglife
