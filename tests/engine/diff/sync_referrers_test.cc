// Entries with `referrers`.
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/diff/diff.h"
#include "tests/engine/diff/sync_scene.h"
#include "tests/engine/plan/plan_maker.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class SyncReferrersTest : public ::testing::Test {
 protected:
  SyncReferrersTest() {
    scene_.Upstream("alpine:3.1", "a1");
    scene_.List(kMirror);
  }

  absl::StatusOr<MissingReferrers>& Lacks(const std::string& image) {
    return scene_.observed
        .missing_referrers[{MakeRepository("alpine"), MakeRepository(kMirror), MakeDigest(image)}];
  }

  // Signature and SBOM.
  static MissingReferrers Two() {
    MissingReferrers two;
    two.missing.push_back({MakeDigest("51"), "sha256-a1.sig", "", {}});
    two.missing.push_back({MakeDigest("5b"), "", "application/spdx+json", {}});
    return two;
  }

  StageDiff Sync() const { return DiffSync(scene_.config, scene_.Wanted(), scene_.observed); }

  Scene scene_{R"(
sync:
  entries:
    - {source: alpine, target: r.io/mirrors/alpine, tag_regex: '^3', referrers: true}
)"};
};

TEST_F(SyncReferrersTest, ComeWithATagThatIsCopied) {
  Lacks("a1") = Two();
  const StageDiff diff = Sync();
  ASSERT_THAT(Addresses(diff.actions), ElementsAre("copy r.io/mirrors/alpine:3.1"));
  EXPECT_TRUE(diff.actions[0].copy.referrers);
  EXPECT_THAT(diff.actions[0].remarks, ElementsAre("new upstream tag", "2 referrers"));
}

TEST_F(SyncReferrersTest, AreAddedToATagThatIsThere) {
  scene_.Tag("r.io/mirrors/alpine:3.1", "a1");
  Lacks("a1") = Two();
  const StageDiff diff = Sync();
  ASSERT_THAT(Addresses(diff.actions), ElementsAre("copy r.io/mirrors/alpine:3.1"));
  const Action& copy = diff.actions[0];
  EXPECT_EQ(copy.operation, Operation::kUpdate);
  EXPECT_EQ(copy.cause, Cause::kUpstream);
  EXPECT_EQ(copy.before, DigestText("a1"));
  EXPECT_EQ(copy.after, DigestText("a1"));
  EXPECT_EQ(copy.reason, "2 referrers of sha256:a1000000 upstream are not in the mirror");
  EXPECT_THAT(copy.remarks, ElementsAre("the image stays", "2 referrers more upstream"));
  ASSERT_THAT(copy.details, SizeIs(2));
  EXPECT_EQ(copy.details[0].text, "signature sha256:51000000");
  EXPECT_EQ(copy.details[1].text, "application/spdx+json sha256:5b000000");
}

TEST_F(SyncReferrersTest, AreNoChangeWhereNoneIsMissing) {
  scene_.Tag("r.io/mirrors/alpine:3.1", "a1");
  Lacks("a1") = MissingReferrers();
  const StageDiff diff = Sync();
  EXPECT_THAT(diff.actions, IsEmpty());
  EXPECT_THAT(diff.errors, IsEmpty());
}

TEST_F(SyncReferrersTest, OfAnImageWithTwoNamesAreAddedOnce) {
  scene_.Upstream("alpine:3.1.0", "a1");
  scene_.Tag("r.io/mirrors/alpine:3.1", "a1");
  scene_.Tag("r.io/mirrors/alpine:3.1.0", "a1");
  Lacks("a1") = Two();
  EXPECT_THAT(Addresses(Sync().actions), ElementsAre("copy r.io/mirrors/alpine:3.1"));
}

TEST_F(SyncReferrersTest, ThatCannotBeReadAreAnError) {
  for (const bool there : {false, true}) {
    if (there) scene_.Tag("r.io/mirrors/alpine:3.1", "a1");
    Lacks("a1") = absl::UnavailableError("no answer");
    const StageDiff diff = Sync();
    EXPECT_THAT(diff.actions, IsEmpty());
    EXPECT_THAT(diff.errors,
                ElementsAre(HasSubstr("what refers to r.io/mirrors/alpine:3.1 could not be read: "
                                      "no answer")));
    EXPECT_EQ(diff.unplanned.count(MakeRepository(kMirror)), 1u);
  }
}

TEST_F(SyncReferrersTest, ThatCannotBeReplacedAreAWarning) {
  scene_.Tag("r.io/mirrors/alpine:3.1", "a1");
  MissingReferrers conflict;
  conflict.conflicts.push_back("it stays as it is");
  Lacks("a1") = conflict;
  const StageDiff diff = Sync();
  EXPECT_THAT(diff.actions, IsEmpty());
  EXPECT_THAT(diff.warnings, ElementsAre("it stays as it is"));
}

TEST_F(SyncReferrersTest, OfManyTheFirstAreNamed) {
  scene_.Tag("r.io/mirrors/alpine:3.1", "a1");
  MissingReferrers many;
  for (int i = 10; i < 35; ++i) {
    many.missing.push_back({MakeDigest(std::to_string(i)), "", "", {}});
  }
  Lacks("a1") = many;
  const StageDiff diff = Sync();
  ASSERT_THAT(diff.actions, SizeIs(1));
  ASSERT_THAT(diff.actions[0].details, SizeIs(11));
  EXPECT_EQ(diff.actions[0].details.back().text, "and 15 more");
}

}  // namespace
}  // namespace imglife
