// Saved plans of this version and of older ones.
#include "engine/plan/plan_file.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

#include "tests/engine/plan/plan_maker.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const TaggedReferrer kSignature{"sha256-a1.sig", MakeDigest("e1")};
const TaggedReferrer kSbom{"sha256-a1.sbom", MakeDigest("e2")};

Plan PlanWithReferrers() {
  Plan plan = ExamplePlan();
  Action deletion = MakeDelete("r.test/app:1");
  deletion.removal.referrer_tags = {kSbom, kSignature};
  plan.actions.push_back(deletion);
  return plan;
}

// The plan with `change` made to its last deletion, and its digest made right again.
std::string Changed(const std::function<void(nlohmann::ordered_json&)>& change) {
  auto json = nlohmann::ordered_json::parse(WritePlan(PlanWithReferrers()));
  for (auto& action : json["actions"]) {
    if (action["target"] == "r.test/app:1") change(action["delete"]);
  }
  json.erase("digest");
  json["digest"] = Digest::OfBytes(json.dump()).str();
  return json.dump();
}

std::vector<TaggedReferrer> ReferrersOf(const Plan& plan) {
  for (const Action& action : plan.actions) {
    if (action.target == "r.test/app:1") return action.removal.referrer_tags;
  }
  return {};
}

TEST(PlanFile, SaysWhatTheTagsOfReferrersNamed) {
  const auto plan = ReadPlan(WritePlan(PlanWithReferrers()));
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(ReferrersOf(*plan), ElementsAre(kSbom, kSignature));
}

TEST(PlanFile, OfAnOlderVersionDoesNotAndIsReadAndWrittenAllTheSame) {
  const std::string older = Changed([](auto& deletion) { deletion.erase("referrer_tag_digests"); });
  const auto plan = ReadPlan(older);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_THAT(ReferrersOf(*plan), ElementsAre(TaggedReferrer{kSbom.tag, Digest()},
                                              TaggedReferrer{kSignature.tag, Digest()}));
  const auto again = ReadPlan(WritePlan(*plan));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(ReferrersOf(*again), ReferrersOf(*plan));
}

TEST(PlanFile, SaysWhetherTheCatalogWasTold) {
  for (const bool told : {true, false}) {
    Plan plan = ExamplePlan();
    plan.catalog_told = told;
    const auto read = ReadPlan(WritePlan(plan));
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->catalog_told, told);
  }
}

TEST(PlanFile, WithoutADigestForEachTagIsRefused) {
  for (const nlohmann::ordered_json& digests :
       {nlohmann::ordered_json::array({kSbom.digest.str()}), nlohmann::ordered_json::array(),
        nlohmann::ordered_json::array({kSbom.digest.str(), "e1"}),
        nlohmann::ordered_json("sha256:e1")}) {
    const auto plan =
        ReadPlan(Changed([&](auto& deletion) { deletion["referrer_tag_digests"] = digests; }));
    EXPECT_TRUE(absl::IsInvalidArgument(plan.status())) << digests;
    EXPECT_THAT(std::string(plan.status().message()), HasSubstr("referrer_tag_digests"));
  }
}

}  // namespace
}  // namespace imglife
