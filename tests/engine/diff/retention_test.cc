#include "engine/diff/retention.h"

#include "fmt/format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/diff/diff.h"
#include "engine/observe/referrer_tag.h"
#include "tests/engine/diff/retention_scene.h"
#include "tests/engine/plan/plan_maker.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A mirror that wants the tag "wanted", with these fields of `retention`.
Scene MirrorWith(const std::string& retention) {
  return Scene(fmt::format(R"(
sync:
  entries: [{{source: alpine, target: r.io/m, tag: wanted}}]
retention: {{{}}}
)",
                           retention));
}

// Every tag of an image of its own.
ObservedImage& AddTag(Scene& scene, const std::string& tag, absl::Duration age = kDay) {
  return scene.Tag("r.io/m:" + tag, std::string(Digest::OfBytes(tag).hex().substr(0, 8)), age);
}

std::string ReasonOf(const std::string& tag, const Scene& scene) {
  for (const RetentionVerdict& verdict : Judge(scene).tags) {
    if (verdict.tag == tag) return verdict.reason;
  }
  return "not judged";
}

TEST(Retention, KeepsTheYoungest) {
  Scene scene = MirrorWith("keep_last: 2, max_age_days: 100");
  AddTag(scene, "1", 3 * kDay);
  AddTag(scene, "2", 9 * kDay);
  AddTag(scene, "3", 5 * kDay);
  EXPECT_THAT(Candidates(Judge(scene)), ElementsAre("2"));
  EXPECT_EQ(ReasonOf("1", scene), "number 1 of the newest 2");
  EXPECT_EQ(ReasonOf("3", scene), "number 2 of the newest 2");
  EXPECT_EQ(ReasonOf("2", scene), "beyond the newest 2 (keep_last 2)");
}

TEST(Retention, KeepsTheHighestVersionsIfAskedTo) {
  Scene scene = MirrorWith("keep_last: 1, order: version, max_age_days: 100");
  AddTag(scene, "3.10", 9 * kDay);
  AddTag(scene, "3.9", 3 * kDay);
  EXPECT_THAT(Candidates(Judge(scene)), ElementsAre("3.9"));
}

TEST(Retention, OrdersTagsOfOneAgeByVersion) {
  Scene scene = MirrorWith("keep_last: 1, max_age_days: 100");
  AddTag(scene, "3.10", 5 * kDay);
  AddTag(scene, "3.9", 5 * kDay);
  EXPECT_THAT(Candidates(Judge(scene)), ElementsAre("3.9"));
}

TEST(Retention, KeepsNoneIfKeepLastIsZero) {
  Scene scene = MirrorWith("keep_last: 0, max_age_days: 100");
  AddTag(scene, "1", kDay);
  AddTag(scene, "wanted", kDay);
  EXPECT_THAT(Candidates(Judge(scene)), ElementsAre("1"));
}

TEST(Retention, CountsInEachGroup) {
  Scene scene = MirrorWith("keep_last: 1, keep_last_per: minor, order: version, max_age_days: 100");
  for (const char* tag : {"3.20.1", "3.20.2", "3.21.0", "3.21.5"}) AddTag(scene, tag, kDay);
  EXPECT_THAT(Candidates(Judge(scene)), ElementsAre("3.20.1", "3.21.0"));
  EXPECT_EQ(ReasonOf("3.20.1", scene), "beyond the newest 1 of 3.20 (keep_last 1)");
}

TEST(Retention, GivesProtectedTagsNoPlace) {
  Scene scene = MirrorWith("keep_last: 1, max_age_days: 100, exclude_tags: [stable]");
  AddTag(scene, "wanted", 1 * kDay);
  AddTag(scene, "stable", 2 * kDay);
  AddTag(scene, "1", 3 * kDay);
  AddTag(scene, "2", 4 * kDay);
  EXPECT_THAT(Candidates(Judge(scene)), ElementsAre("2"));
  EXPECT_EQ(ReasonOf("wanted", scene), "wanted by sync.entries[0]: named by the configuration");
  EXPECT_EQ(ReasonOf("stable", scene), "named by exclude_tags");
}

TEST(Retention, LetsOldTagsGoThoughTheyAreAmongTheNewest) {
  for (const int days : {1, 30}) {
    Scene scene = MirrorWith(fmt::format("keep_last: 9, max_age_days: {}", days));
    AddTag(scene, "on_the_day", absl::Seconds(86'400) * days);
    AddTag(scene, "a_second_later", absl::Seconds(86'400) * days + absl::Seconds(1));
    EXPECT_THAT(Candidates(Judge(scene)), ElementsAre("a_second_later"));
    EXPECT_EQ(ReasonOf("a_second_later", scene),
              fmt::format("{} days old (max_age_days {})", days, days));
  }
}

TEST(Retention, CountsWholeDays) {
  Scene scene = MirrorWith("max_age_days: 30");
  AddTag(scene, "1", 412 * kDay + absl::Hours(23));
  EXPECT_EQ(ReasonOf("1", scene), "412 days old (max_age_days 30)");
}

TEST(Retention, BelievesTheTimeOfThePushFirst) {
  Scene scene = MirrorWith("keep_last: 9, max_age_days: 30");
  AddTag(scene, "old_image", 400 * kDay);
  AddTag(scene, "old_push", 1 * kDay);
  scene.Answer("r.io/m:old_image")->pushed = kNow - kDay;
  scene.Answer("r.io/m:old_push")->pushed = kNow - 31 * kDay;
  EXPECT_THAT(Candidates(Judge(scene)), ElementsAre("old_push"));
}

TEST(Retention, TakesTagsFromTheFutureForTheNewest) {
  Scene scene = MirrorWith("keep_last: 1, max_age_days: 30");
  AddTag(scene, "1", -500 * kDay);
  AddTag(scene, "2", kDay);
  EXPECT_THAT(Candidates(Judge(scene)), ElementsAre("2"));
}

class RetentionOfUnknownAge : public ::testing::Test {
 protected:
  void AddAgeless(const std::string& tag) { AddTag(scene_, tag).created.reset(); }

  Scene scene_ = MirrorWith("keep_last: 2, max_age_days: 30");
};

TEST_F(RetentionOfUnknownAge, RanksAsNewestAndNeverGoesByAge) {
  AddAgeless("1");
  AddTag(scene_, "2", 2 * kDay);
  AddTag(scene_, "3", 1 * kDay);
  EXPECT_THAT(Candidates(Judge(scene_)), ElementsAre("2"));
  EXPECT_EQ(ReasonOf("1", scene_), "number 1 of the newest 2");
}

TEST_F(RetentionOfUnknownAge, GoesIfTooManyAreAsNew) {
  for (const char* tag : {"1", "2", "3"}) AddAgeless(tag);
  EXPECT_THAT(Candidates(Judge(scene_)), ElementsAre("1"));
}

// There names alone say what newest means.
TEST_F(RetentionOfUnknownAge, HasThePlaceOfItsNameInTheOrderOfVersions) {
  scene_.config.retention->defaults.order = RetentionOrder::kVersion;
  AddAgeless("1");
  AddTag(scene_, "2", 2 * kDay);
  AddTag(scene_, "3", 1 * kDay);
  EXPECT_THAT(Candidates(Judge(scene_)), ElementsAre("1"));
  EXPECT_EQ(ReasonOf("1", scene_), "beyond the newest 2 (keep_last 2)");
  EXPECT_THAT(Judge(scene_).warnings,
              ElementsAre("r.io/m: the age of 1 tag is not known (1): not deleted by age; "
                          "keep_last goes by their names (order: version)"));
}

TEST_F(RetentionOfUnknownAge, IsSaid) {
  AddAgeless("1");
  EXPECT_THAT(Judge(scene_).warnings,
              ElementsAre("r.io/m: the age of 1 tag is not known (1): not deleted by age, and "
                          "counted as newest"));
  for (const char* tag : {"2", "3", "4", "5", "6", "7"}) AddAgeless(tag);
  EXPECT_THAT(Judge(scene_).warnings,
              ElementsAre(HasSubstr("7 tags is not known (1, 2, 3, 4, 5 and 2 more)")));
}

TEST_F(RetentionOfUnknownAge, IsNotSaidOfTagsThatStayAnyway) {
  AddAgeless("wanted");
  EXPECT_THAT(Judge(scene_).warnings, IsEmpty());
}

TEST(Retention, ExcludesExactTagsAndExpressions) {
  Scene scene = MirrorWith("keep_last: 0, exclude_tags: ['3.1', '/^stable-/', '/lts/']");
  for (const char* tag : {"3.1", "3.10", "3-1", "stable-1", "unstable-1", "22-lts-slim"}) {
    AddTag(scene, tag, kDay);
  }
  EXPECT_THAT(Candidates(Judge(scene)), ElementsAre("3-1", "3.10", "unstable-1"));
  EXPECT_EQ(ReasonOf("stable-1", scene), "matches exclude_tags /^stable-/");
}

TEST(Retention, FollowsTheFirstOverrideThatMatches) {
  Scene scene = MirrorWith(
      "keep_last: 0, repositories: [{match: '^r\\.io/m$', keep_last: 2}, {match: 'm', keep_last: "
      "9}]");
  for (const char* tag : {"1", "2", "3"}) AddTag(scene, tag, kDay);
  EXPECT_THAT(Candidates(Judge(scene)), ElementsAre("1"));
}

const std::string kHex(64, 'a');

TEST(Retention, LeavesTagsOfOtherImagesOutAndGivesThemNoPlace) {
  Scene scene = MirrorWith("keep_last: 1, max_age_days: 30");
  AddTag(scene, "sha256-" + kHex, kDay);
  AddTag(scene, "sha256-" + kHex + ".sig", 100 * kDay);
  AddTag(scene, "1", 2 * kDay);
  EXPECT_THAT(Candidates(Judge(scene)), IsEmpty());
  EXPECT_EQ(ReasonOf("1", scene), "number 1 of the newest 1");
  EXPECT_EQ(ReasonOf("sha256-" + kHex, scene), "not judged");
}

TEST(IsReferrerTag, KnowsTheFormsAndNoOther) {
  for (const char* suffix : {"", ".sig", ".att", ".sbom"}) {
    EXPECT_TRUE(IsReferrerTag("sha256-" + kHex + suffix)) << suffix;
    EXPECT_TRUE(IsReferrerTag("sha512-" + kHex + kHex + suffix)) << suffix;
  }
  for (const std::string& tag :
       {"sha256-" + kHex.substr(1), "sha256-" + kHex + ".txt", "sha256:" + kHex, "v" + kHex,
        "sha256-" + std::string(64, 'A'), "x-sha256-" + kHex, "sha256-" + kHex + ".sig.sig"}) {
    EXPECT_FALSE(IsReferrerTag(tag)) << tag;
  }
}

TEST(Retention, LetsPlaceholdersGoAndGivesThemNoPlace) {
  Scene scene = MirrorWith("keep_last: 1, max_age_days: 30");
  AddTag(scene, "3").placeholder_of = "3";
  AddTag(scene, "1", 2 * kDay);
  AddTag(scene, "2", 3 * kDay);
  EXPECT_THAT(Candidates(Judge(scene)), ElementsAre("2", "3"));
  EXPECT_TRUE(Judge(scene).tags[2].placeholder);
  EXPECT_EQ(ReasonOf("3", scene), "left behind by a deletion that was interrupted");
}

// As one that was copied from a tag of another name.
TEST(Retention, KeepsThePlaceholderOfAnotherTagAsAnyImage) {
  Scene scene = MirrorWith("keep_last: 1, max_age_days: 30");
  AddTag(scene, "3").placeholder_of = "2";
  EXPECT_THAT(Candidates(Judge(scene)), IsEmpty());
}

TEST(RetentionCandidates, AreThoseOfEveryTargetAndOfNothingElse) {
  Scene scene = MirrorWith("keep_last: 0");
  AddTag(scene, "1", kDay);
  scene.Tag("r.io/elsewhere:1", "a1");
  scene.Tag("docker.io/library/alpine:1", "a2");
  const auto candidates = RetentionCandidates(scene.config, scene.Wanted(), scene.observed, kNow);
  EXPECT_THAT(candidates,
              ElementsAre(testing::Pair(MakeRepository(kCleanedMirror), ElementsAre("1"))));
}

TEST(RetentionCandidates, AreNoneWithoutASectionOrWithDefaultsAndFewYoungTags) {
  Scene none("sync: {entries: [{source: alpine, target: r.io/m, tag: wanted}]}");
  for (const char* tag : {"1", "2", "3", "4", "5", "6"}) AddTag(none, tag, 400 * kDay);
  EXPECT_THAT(RetentionCandidates(none.config, none.Wanted(), none.observed, kNow), IsEmpty());
  Scene defaults = MirrorWith("");
  for (const char* tag : {"1", "2", "3", "4", "5"}) AddTag(defaults, tag, 30 * kDay);
  EXPECT_THAT(Candidates(Judge(defaults)), IsEmpty());
  AddTag(defaults, "6", 30 * kDay);
  EXPECT_THAT(Candidates(Judge(defaults)), ElementsAre("1"));
}

TEST(Retention, LeavesAWantedPlaceholderToTheCopyThatReplacesIt) {
  Scene scene = MirrorWith("keep_last: 0");
  AddTag(scene, "wanted").placeholder_of = "wanted";
  EXPECT_THAT(Candidates(Judge(scene)), IsEmpty());
}

TEST(Retention, LetsNothingGoIfATagOfAnotherImageCantBeRead) {
  const std::string signature = "sha256-" + std::string(MakeDigest("b1").hex()) + ".sig";
  for (const absl::Status& status :
       {absl::NotFoundError("no such manifest"), absl::UnavailableError("no answer")}) {
    Scene scene = MirrorWith("keep_last: 0");
    AddTag(scene, "old");
    AddTag(scene, signature);
    EXPECT_EQ(Candidates(Judge(scene)).size(), 1U);
    scene.Answer("r.io/m:" + signature) = status;
    EXPECT_EQ(Candidates(Judge(scene)).size(), 0U);
    EXPECT_EQ(Judge(scene).errors.size(), 1U);
  }
}

}  // namespace
}  // namespace imglife
