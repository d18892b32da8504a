// Nothing goes that the plan doesn't list, and nothing is left without its subject.
#include "engine/apply/planned_removal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/engine/plan/plan_maker.h"

namespace imglife {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string TagOf(const std::string& digest, const std::string& ending) {
  return "sha256-" + std::string(MakeDigest(digest).hex()) + ending;
}

// An index a1 of c1 and c2; its signature e1 under a tag, the SBOM e2 in the registry's own list,
// and c1's signature e3.
class PlannedRemovalTest : public ::testing::Test {
 protected:
  PlannedRemovalTest() {
    Manifest index;
    index.is_index = true;
    index.children = {MakeDescriptor("c1"), MakeDescriptor("c2")};
    use_.Add(MakeDigest("a1"), index, 100);
    for (const char* leaf : {"c1", "c2", "e1", "e3"}) use_.Add(MakeDigest(leaf), {}, 100);
    Manifest sbom;
    sbom.subject = MakeDescriptor("a1");
    use_.Add(MakeDigest("e2"), sbom, 100);
    Tag("old", "a1");
    Tag(TagOf("a1", ".sig"), "e1");
    Tag(TagOf("c1", ".sig"), "e3");
    planned_.way = DeleteWork::Way::kManifest;
    planned_.exclusive_children = {MakeDigest("c1"), MakeDigest("c2")};
    planned_.exclusive_referrers = {MakeDigest("e2")};
    planned_.referrer_tags = {{TagOf("a1", ".sig"), MakeDigest("e1")},
                              {TagOf("c1", ".sig"), MakeDigest("e3")}};
  }

  void Tag(const std::string& tag, const std::string& digest) {
    use_.SetTag(tag, MakeDigest(digest));
  }

  std::optional<std::string> Keep() {
    Action deletion = MakeDelete("r.io/m:old");
    deletion.before = MakeDigest("a1").str();
    deletion.removal = planned_;
    plan_.actions.push_back(deletion);
    const PlannedRemovals removals(plan_);
    const PlannedRemoval& planned = removals.In({{}, "r.io", "m"});
    plan_.actions.pop_back();
    RepositoryUse use = use_;
    planned.KeepUnplannedParts(PartsOf(use, MakeDigest("a1")), use);
    removal_ = JudgeRemoval(use, "old", MakeDigest("a1"), listed_);
    return planned.KeepUnplannedReferrers(use_, MakeDigest("a1"), removal_);
  }

  // Another deletion of the plan, which takes c1 and its signature.
  void PlanAnother(const std::string& target) {
    Action deletion = MakeDelete(target);
    deletion.before = MakeDigest("c1").str();
    deletion.removal.way = DeleteWork::Way::kManifest;
    deletion.removal.referrer_tags = {{TagOf("c1", ".sig"), MakeDigest("e3")}};
    plan_.actions.push_back(deletion);
    planned_.exclusive_children = {MakeDigest("c2")};
    planned_.referrer_tags.pop_back();
  }

  Plan plan_;
  DeleteWork planned_;
  RepositoryUse use_;
  std::vector<Descriptor> listed_ = {MakeDescriptor("e2")};
  Removal removal_;
};

TEST_F(PlannedRemovalTest, AllThatIsAsPlannedGoes) {
  EXPECT_EQ(Keep(), std::nullopt);
  EXPECT_THAT(removal_.children, ElementsAre(MakeDigest("c1"), MakeDigest("c2")));
  EXPECT_THAT(removal_.referrers, ElementsAre(MakeDigest("e2")));
  EXPECT_THAT(removal_.referrer_tags, ElementsAre(TagOf("a1", ".sig"), TagOf("c1", ".sig")));
}

TEST_F(PlannedRemovalTest, ATagThatNamesSomethingElseKeepsTheImage) {
  for (const char* subject : {"a1", "c1"}) {
    const std::string tag = TagOf(subject, ".sig");
    const Digest before = use_.tags().at(tag);
    Tag(tag, "e9");
    EXPECT_THAT(Keep().value_or(""), AllOf(HasSubstr(tag), HasSubstr(MakeDigest("e9").Short()),
                                           HasSubstr(before.Short()), HasSubstr("plan again")));
    use_.SetTag(tag, before);
  }
  EXPECT_EQ(Keep(), std::nullopt);
}

TEST_F(PlannedRemovalTest, ATagThatCameSinceKeepsTheImage) {
  for (const char* ending : {".att", ".sbom", ""}) {
    Tag(TagOf("c2", ending), "e9");
    EXPECT_THAT(Keep().value_or(""), HasSubstr(TagOf("c2", ending) + " belongs to it"));
    use_.RemoveTag(TagOf("c2", ending));
  }
  // The signature of an SBOM that goes too.
  Tag(TagOf("e2", ".sig"), "e9");
  EXPECT_THAT(Keep().value_or(""), HasSubstr(TagOf("e2", ".sig")));
}

TEST_F(PlannedRemovalTest, AReferrerThatCameSinceKeepsTheImage) {
  listed_.push_back(MakeDescriptor("e9"));
  Manifest late;
  late.subject = MakeDescriptor("a1");
  use_.Add(MakeDigest("e9"), late, 100);
  EXPECT_THAT(Keep().value_or(""), HasSubstr(MakeDigest("e9").Short() + " refers to it"));
}

TEST_F(PlannedRemovalTest, WhatHasGoneSinceIsNotMissed) {
  use_.RemoveTag(TagOf("a1", ".sig"));
  listed_.clear();
  use_.Remove(MakeDigest("e2"));
  EXPECT_EQ(Keep(), std::nullopt);
  EXPECT_THAT(removal_.referrers, IsEmpty());
  EXPECT_THAT(removal_.referrer_tags, ElementsAre(TagOf("c1", ".sig")));
}

TEST_F(PlannedRemovalTest, AnOlderPlanThatDoesNotSayWhatATagNamedKeepsTheImage) {
  planned_.referrer_tags[0].digest = Digest();
  EXPECT_THAT(Keep().value_or(""), AllOf(HasSubstr("older version"), HasSubstr("plan again")));
}

TEST_F(PlannedRemovalTest, APartThatIsNotPlannedStaysWithItsSignature) {
  planned_.exclusive_children = {MakeDigest("c2")};
  planned_.referrer_tags.pop_back();
  EXPECT_EQ(Keep(), std::nullopt);
  EXPECT_THAT(removal_.children, ElementsAre(MakeDigest("c2")));
  EXPECT_THAT(removal_.referrer_tags, ElementsAre(TagOf("a1", ".sig")));
}

TEST_F(PlannedRemovalTest, WhatAnotherDeletionThereListsGoesWithWhoeverIsLast) {
  PlanAnother("r.io/m:older");
  EXPECT_EQ(Keep(), std::nullopt);
  EXPECT_THAT(removal_.children, ElementsAre(MakeDigest("c1"), MakeDigest("c2")));
  EXPECT_THAT(removal_.referrer_tags, ElementsAre(TagOf("a1", ".sig"), TagOf("c1", ".sig")));
}

TEST_F(PlannedRemovalTest, OfABlockedDeletionAndOfOtherRepositoriesNothingIsPlanned) {
  PlanAnother("r.io/m2:older");
  EXPECT_EQ(Keep(), std::nullopt);
  EXPECT_THAT(removal_.children, ElementsAre(MakeDigest("c2")));
  plan_.actions[0].target = "r.io/m:older";
  plan_.actions[0].blocked = Block{"max_deletions", "too many"};
  EXPECT_EQ(Keep(), std::nullopt);
  EXPECT_THAT(removal_.children, ElementsAre(MakeDigest("c2")));
}

TEST_F(PlannedRemovalTest, WhatAPartThatStaysHasToo) {
  // One SBOM under two tags.
  Tag(TagOf("a1", ".sig"), "e3");
  planned_.referrer_tags = {{TagOf("a1", ".sig"), MakeDigest("e3")}};
  planned_.exclusive_children = {MakeDigest("c2")};
  EXPECT_EQ(Keep(), std::nullopt);
  EXPECT_THAT(removal_.referrer_tags, ElementsAre(TagOf("a1", ".sig")));
  EXPECT_EQ(removal_.manifests.count(MakeDigest("e3")), 0u) << "only the tag goes";
}

TEST_F(PlannedRemovalTest, NamesTheTagsOfAllDeletionsBeTheyBlocked) {
  PlanAnother("r.io/m:older");
  plan_.actions[0].blocked = Block{"max_deletes", "too many"};
  plan_.actions.push_back(MakeCopy("r.io/m:copied"));
  const PlannedRemovals removals(plan_);
  const PlannedRemoval& planned = removals.In({{}, "r.io", "m"});
  EXPECT_TRUE(planned.Names("older"));
  EXPECT_FALSE(planned.Names("copied"));
}

TEST_F(PlannedRemovalTest, NothingGoesWhereThePlanDeletesNothing) {
  PlanAnother("r.io/m2:older");
  const PlannedRemovals removals(plan_);
  EXPECT_TRUE(removals.In({{}, "r.io", "m2"}).Takes(MakeDigest("c1")));
  const PlannedRemoval& nothing = removals.In({{}, "r.io", "m"});
  EXPECT_FALSE(nothing.Takes(MakeDigest("c1")));
  EXPECT_THAT(nothing.KeepUnplannedParts({MakeDigest("c1")}, use_), IsEmpty());
  EXPECT_TRUE(use_.IsKept(MakeDigest("c1")));
}

}  // namespace
}  // namespace imglife
