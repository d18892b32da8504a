// Guard 1: what else uses an image decides how its tag goes, and what goes with it.
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/diff/diff.h"
#include "tests/engine/diff/scene.h"
#include "tests/engine/plan/plan_maker.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr DeleteWork::Way kManifest = DeleteWork::Way::kManifest;
constexpr DeleteWork::Way kUntag = DeleteWork::Way::kUntag;

// "sha256-HEX" and what follows: the tag of something that belongs to this digest.
std::string ReferrerTag(const std::string& digest_start, const std::string& end) {
  return "sha256-" + std::string(MakeDigest(digest_start).hex()) + end;
}

// Tags "stay…" stay, all others go.
class DiffCleanupOfUsed : public ::testing::Test {
 protected:
  void Add(const std::string& tag, const std::string& digest,
           const std::vector<std::string>& children = {}) {
    ObservedImage& image = scene_.Tag("r.io/m:" + tag, digest);
    if (children.empty()) return;
    image.manifest.is_index = true;
    image.platforms.clear();
    for (const std::string& child : children) {
      image.manifest.children.push_back(MakeDescriptor(child));
      image.platforms.push_back({.digest = MakeDigest(child)});
    }
  }

  void AddReferrer(const std::string& tag, const std::string& digest, const std::string& subject) {
    scene_.Tag("r.io/m:" + tag, digest).manifest.subject = MakeDescriptor(subject);
  }

  // What the registry says refers to a digest.
  void Refers(const std::string& digest, const std::vector<std::string>& referrers) {
    std::vector<Descriptor> answer;
    for (const std::string& referrer : referrers) answer.push_back(MakeDescriptor(referrer));
    scene_.observed.referrers.insert_or_assign({MakeRepository(kCleanedMirror), MakeDigest(digest)},
                                               answer);
  }

  Action Deletion(const std::string& tag) {
    scene_.LookAtDeletions();
    const StageDiff diff = DiffCleanup(scene_.config, scene_.Wanted(), scene_.observed, kNow);
    EXPECT_THAT(diff.errors, IsEmpty());
    for (const Action& action : diff.actions) {
      if (action.target == "r.io/m:" + tag) return action;
    }
    ADD_FAILURE() << tag << " is not deleted";
    return {};
  }

  // Gives an image these layers, by digest and size.
  void AddLayers(const std::string& digest,
                 const std::vector<std::pair<std::string, std::int64_t>>& layers) {
    Manifest& manifest = scene_.Image(kCleanedMirror, digest).manifest;
    for (const auto& [layer, size] : layers) {
      manifest.layers.push_back(MakeDescriptor(layer));
      manifest.layers.back().size = size;
    }
  }

  static std::string Users(const Action& action) {
    return action.details.empty() ? "" : action.details[0].text;
  }

  Scene scene_{R"(
sync:
  entries: [{source: alpine, target: r.io/m, tag: wanted}]
retention: {keep_last: 0, exclude_tags: ['/^stay/']}
)"};
};

TEST_F(DiffCleanupOfUsed, AnImageWithOneNameGoesAsAWhole) {
  Add("1", "a1");
  const Action deletion = Deletion("1");
  EXPECT_EQ(deletion.removal.way, kManifest);
  EXPECT_THAT(deletion.removal.siblings, IsEmpty());
  EXPECT_EQ(Users(deletion), "also named by: none · frees 1.0 kB");
}

TEST_F(DiffCleanupOfUsed, AnImageWithOtherNamesLosesTheTagOnly) {
  Add("1", "a1");
  Add("1.0", "a1");
  Add("stay", "a1");
  const Action deletion = Deletion("1");
  EXPECT_EQ(deletion.removal.way, kUntag);
  EXPECT_THAT(deletion.removal.siblings, ElementsAre("1.0", "stay"));
  EXPECT_EQ(Users(deletion), "also named by: 1.0 (goes too), stay (stays)");
}

TEST_F(DiffCleanupOfUsed, FreesWhatOnlyItHas) {
  Add("1", "a1");
  Add("stay", "a2");
  AddLayers("a1", {{"b1", 3'000'000}, {"b2", 500'000}, {"b1", 3'000'000}});
  AddLayers("a2", {{"b2", 500'000}});
  const Action deletion = Deletion("1");
  EXPECT_EQ(deletion.removal.frees, 3'001'000);
  EXPECT_EQ(Users(deletion), "also named by: none · frees 3.0 MB");
}

// Each deletion tells what goes after those before it: what two of them share goes with the last.
TEST_F(DiffCleanupOfUsed, WhatTwoImagesThatGoShareIsFreedByTheLast) {
  Add("1", "a1");
  Add("2", "a2");
  AddLayers("a1", {{"b1", 3'000'000}, {"b2", 500'000}});
  AddLayers("a2", {{"b2", 500'000}});
  EXPECT_EQ(Deletion("1").removal.frees, 3'001'000);
  EXPECT_EQ(Deletion("2").removal.frees, 501'000);
}

TEST_F(DiffCleanupOfUsed, TheLastOfTheNamesThatGoTakesTheManifestAlong) {
  Add("1", "a1", {"c1"});
  Add("2", "a1", {"c1"});
  const std::string signature = ReferrerTag("a1", ".sig");
  Add(signature, "e1");
  const Action first = Deletion("1");
  EXPECT_EQ(first.removal.way, kUntag);
  EXPECT_THAT(first.removal.referrer_tags, IsEmpty());
  const Action last = Deletion("2");
  EXPECT_EQ(last.removal.way, kManifest);
  EXPECT_THAT(last.removal.siblings, ElementsAre("1"));
  EXPECT_THAT(last.removal.referrer_tags, ElementsAre(TaggedReferrer{signature, MakeDigest("e1")}));
  EXPECT_THAT(last.removal.exclusive_children, ElementsAre(MakeDigest("c1")));
  EXPECT_THAT(Users(last), HasSubstr("also named by: 1 (goes too)"));
}

TEST_F(DiffCleanupOfUsed, APartOfTwoImagesThatGoGoesWithTheLast) {
  Add("1", "a1", {"c1"});
  Add("2", "a2", {"c1"});
  EXPECT_THAT(Deletion("1").removal.exclusive_children, IsEmpty());
  EXPECT_THAT(Deletion("2").removal.exclusive_children, ElementsAre(MakeDigest("c1")));
}

TEST_F(DiffCleanupOfUsed, FreesItsPartsAndSignaturesToo) {
  Add("1", "a1", {"c1", "c2"});
  Add("stay", "a2", {"c2"});
  Add(ReferrerTag("a1", ".sig"), "e1");
  AddLayers("e1", {{"b1", 300}});
  EXPECT_EQ(Deletion("1").removal.frees, 3'300);
}

TEST_F(DiffCleanupOfUsed, ANameAloneFreesNothing) {
  Add("1", "a1");
  Add("stay", "a1");
  const Action deletion = Deletion("1");
  EXPECT_EQ(deletion.removal.frees, std::nullopt);
  EXPECT_EQ(Users(deletion), "also named by: stay (stays)");
}

TEST_F(DiffCleanupOfUsed, WhatIsStoredElsewhereIsNotFreed) {
  Add("1", "a1");
  AddLayers("a1", {{"b1", 3'000'000}});
  scene_.Image(kCleanedMirror, "a1").manifest.layers[0].urls = {"https://elsewhere.test/b1"};
  EXPECT_EQ(Deletion("1").removal.frees, 1'000);
}

TEST_F(DiffCleanupOfUsed, WhereManifestsCannotBeDeletedOnlyTheNameGoes) {
  Add("1", "a1");
  scene_.LookAtDeletions();
  scene_.observed.capabilities.at(MakeRepository(kCleanedMirror))->deletes_manifests = false;
  const StageDiff diff = DiffCleanup(scene_.config, scene_.Wanted(), scene_.observed, kNow);
  EXPECT_EQ(diff.actions.at(0).removal.way, kUntag);
  EXPECT_EQ(diff.actions.at(0).removal.frees, std::nullopt);
}

TEST_F(DiffCleanupOfUsed, WhatUsesItMustHaveBeenRead) {
  Add("1", "a1");
  scene_.LookAtDeletions();
  scene_.observed.uses.insert_or_assign(MakeRepository(kCleanedMirror),
                                        absl::UnavailableError("no answer"));
  const StageDiff diff = DiffCleanup(scene_.config, scene_.Wanted(), scene_.observed, kNow);
  EXPECT_THAT(diff.actions, IsEmpty());
  EXPECT_THAT(diff.errors,
              ElementsAre(Problem(
                  "r.io/m:1 is not deleted, as what else uses it could not be read: no answer")));
}

TEST_F(DiffCleanupOfUsed, NamesInOtherRepositoriesDoNotCount) {
  Add("1", "a1");
  scene_.Tag("r.io/elsewhere:stay", "a1");
  EXPECT_EQ(Deletion("1").removal.way, kManifest);
}

TEST_F(DiffCleanupOfUsed, AnIndexTakesItsOwnChildrenAlong) {
  Add("1", "a1", {"c1", "c2"});
  const Action deletion = Deletion("1");
  EXPECT_EQ(deletion.removal.way, kManifest);
  EXPECT_THAT(deletion.removal.exclusive_children, ElementsAre(MakeDigest("c1"), MakeDigest("c2")));
}

TEST_F(DiffCleanupOfUsed, ChildrenThatAnotherIndexHasStay) {
  Add("1", "a1", {"c1", "c2"});
  Add("stay", "a2", {"c2", "c3"});
  EXPECT_THAT(Deletion("1").removal.exclusive_children, ElementsAre(MakeDigest("c1")));
}

TEST_F(DiffCleanupOfUsed, ChildrenThatHaveATagStay) {
  Add("1", "a1", {"c1", "c2"});
  Add("stay-amd64", "c1");
  EXPECT_THAT(Deletion("1").removal.exclusive_children, ElementsAre(MakeDigest("c2")));
}

TEST_F(DiffCleanupOfUsed, AnIndexWithOtherNamesKeepsItsChildren) {
  Add("1", "a1", {"c1"});
  Add("stay", "a1");
  Refers("a1", {"e1"});
  const Action deletion = Deletion("1");
  EXPECT_EQ(deletion.removal.way, kUntag);
  EXPECT_THAT(deletion.removal.exclusive_children, IsEmpty());
  EXPECT_THAT(deletion.removal.exclusive_referrers, IsEmpty());
}

TEST_F(DiffCleanupOfUsed, ATaggedChildOfAnIndexLosesTheTagOnly) {
  Add("1-amd64", "c1");
  Add("stay", "a1", {"c1", "c2"});
  const Action deletion = Deletion("1-amd64");
  EXPECT_EQ(deletion.removal.way, kUntag);
  EXPECT_EQ(Users(deletion), "also named by: none · part of another index");
}

TEST_F(DiffCleanupOfUsed, AChildOfAnIndexInAnIndexLosesTheTagOnly) {
  Add("1-amd64", "c1");
  Add("stay", "a1", {"a2"});
  scene_.Image(kCleanedMirror, "a1").platforms[0].manifest.children.push_back(MakeDescriptor("c1"));
  EXPECT_EQ(Deletion("1-amd64").removal.way, kUntag);
}

TEST_F(DiffCleanupOfUsed, ItsReferrersGoWithAnImage) {
  Add("1", "a1");
  Add(ReferrerTag("a1", ".sig"), "e1");
  Add(ReferrerTag("a1", ""), "e2");
  Add(ReferrerTag("a2", ".sig"), "e3");
  Refers("a1", {"e4", "e5"});
  const Action deletion = Deletion("1");
  EXPECT_EQ(deletion.removal.way, kManifest);
  EXPECT_THAT(deletion.removal.referrer_tags,
              ElementsAre(TaggedReferrer{ReferrerTag("a1", ""), MakeDigest("e2")},
                          TaggedReferrer{ReferrerTag("a1", ".sig"), MakeDigest("e1")}));
  EXPECT_THAT(deletion.removal.exclusive_referrers,
              ElementsAre(MakeDigest("e4"), MakeDigest("e5")));
  EXPECT_THAT(Users(deletion), HasSubstr("4 referrers of it go too: signatures, SBOMs, notes"));
}

TEST_F(DiffCleanupOfUsed, TheTagOfWhatIsSharedWithAnImageThatStaysIsNamed) {
  Add("1", "a1");
  Add("stay", "a2");
  Add(ReferrerTag("a1", ".sbom"), "e1");
  Add(ReferrerTag("a2", ".sbom"), "e1");
  const std::string users = Users(Deletion("1"));
  EXPECT_THAT(users, HasSubstr("the tag " + ReferrerTag("a1", ".sbom") +
                               " goes too, and what it names stays, as others use it"));
  EXPECT_THAT(users, Not(HasSubstr("referrer")));
}

TEST_F(DiffCleanupOfUsed, TheSubjectOfATaggedImageLosesTheTagOnly) {
  Add("1", "a1");
  AddReferrer("stay-sbom", "e1", "a1");
  Refers("a1", {"e1"});
  const Action deletion = Deletion("1");
  EXPECT_EQ(deletion.removal.way, kUntag);
  EXPECT_THAT(deletion.removal.exclusive_referrers, IsEmpty());
  EXPECT_THAT(Users(deletion), testing::EndsWith("subject of stay-sbom, which stays"));
}

TEST_F(DiffCleanupOfUsed, TheSubjectOfItsSignatureStillGoesAsAWhole) {
  Add("1", "a1");
  AddReferrer(ReferrerTag("a1", ".sig"), "e1", "a1");
  EXPECT_EQ(Deletion("1").removal.way, kManifest);
}

TEST_F(DiffCleanupOfUsed, ReferrersOfWhatStaysAreNeverDeleted) {
  Add("1", "a1");
  Add("stay", "a2");
  Add(ReferrerTag("a2", ".sig"), "e1");
  scene_.LookAtDeletions();
  const StageDiff diff = DiffCleanup(scene_.config, scene_.Wanted(), scene_.observed, kNow);
  EXPECT_THAT(Addresses(diff.actions), ElementsAre("delete r.io/m:1"));
  EXPECT_THAT(diff.actions.at(0).removal.referrer_tags, IsEmpty());
  EXPECT_THAT(Users(diff.actions.at(0)), Not(HasSubstr("goes too")));
}

TEST_F(DiffCleanupOfUsed, AReferrerOfWhatStaysLosesTheTagOnly) {
  Add("stay", "a1");
  Add("stay-too", "a1");
  AddReferrer("1-sbom", "e1", "a1");
  const Action deletion = Deletion("1-sbom");
  EXPECT_EQ(deletion.removal.way, kUntag);
  EXPECT_EQ(Users(deletion), "also named by: none · refers to stay, stay-too, which stays");
}

TEST_F(DiffCleanupOfUsed, AChildThatIsTheSubjectOfATaggedImageStays) {
  Add("old", "a1", {"c1", "c2"});
  Add("stay-sbom", "e1");
  scene_.Image(kCleanedMirror, "e1").manifest.subject = MakeDescriptor("c1");
  scene_.LookAtDeletions();
  const StageDiff diff = DiffCleanup(scene_.config, scene_.Wanted(), scene_.observed, kNow);
  ASSERT_THAT(Addresses(diff.actions), ElementsAre("delete r.io/m:old"));
  EXPECT_THAT(diff.actions[0].removal.exclusive_children, ElementsAre(MakeDigest("c2")));
}

}  // namespace
}  // namespace imglife
