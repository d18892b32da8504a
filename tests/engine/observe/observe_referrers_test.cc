// Entries with `referrers`.
#include "gmock/gmock.h"

#include "tests/engine/observe/observe_fixture.h"
#include "tests/support/referrer_maker.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Repository kSignedSource = MakeRepository("ghcr.io/o/alpine");
const std::string kSignedEntry =
    "source: ghcr.io/o/alpine, target: r.test/mirrors/alpine, tag: 3, referrers: true";

class ObserveReferrersTest : public ObserveTest {
 protected:
  ObserveReferrersTest() {
    registry_.AddImage(kSignedSource, "3", image_);
    registry_.AddImage(kSignedSource, "sbom", sbom_);
    registry_.RemoveTag(kSignedSource, "sbom");
  }

  std::vector<Digest> Missing(const Observed& observed, const Digest& image) const {
    std::vector<Digest> digests;
    const auto asked = observed.missing_referrers.find({kSignedSource, kMirror, image});
    EXPECT_NE(asked, observed.missing_referrers.end());
    if (asked == observed.missing_referrers.end() || !asked->second.ok()) return digests;
    for (const MissingReferrer& one : asked->second->missing) digests.push_back(one.digest);
    return digests;
  }

  const TestImage image_ = MakeImage({.name = "image"});
  const TestImage sbom_ = MakeReferrer(image_.ToDescriptor(), "sbom");
};

TEST_F(ObserveReferrersTest, OfATagThatIsMissing) {
  const Observation seen = Look(SyncText({kSignedEntry}), {Stage::kSync});
  EXPECT_THAT(Missing(seen.observed, image_.manifest.digest), ElementsAre(sbom_.manifest.digest));
}

TEST_F(ObserveReferrersTest, OfATagThatIsThereWhateverCheckDigestSays) {
  registry_.AddImage(kMirror, "3", image_);
  for (const char* check : {"", ", check_digest: true"}) {
    const Observation seen = Look(SyncText({kSignedEntry + check}), {Stage::kSync});
    EXPECT_THAT(Missing(seen.observed, image_.manifest.digest), ElementsAre(sbom_.manifest.digest));
  }
}

// The mirror's own image counts where its digest isn't compared.
TEST_F(ObserveReferrersTest, OfTheImageThatTheMirrorKeeps) {
  const TestImage old = MakeImage({.name = "old"});
  registry_.AddImage(kMirror, "3", old);
  const Observation kept = Look(SyncText({kSignedEntry}), {Stage::kSync});
  EXPECT_THAT(Missing(kept.observed, old.manifest.digest), IsEmpty());
  const Observation moved = Look(SyncText({kSignedEntry + ", check_digest: true"}), {Stage::kSync});
  EXPECT_THAT(Missing(moved.observed, image_.manifest.digest), ElementsAre(sbom_.manifest.digest));
}

TEST_F(ObserveReferrersTest, AnUnsignedImageThatIsThereCostsFourQuestions) {
  const TestImage plain = MakeImage({.name = "plain"});
  registry_.AddImage(kSignedSource, "3", plain);
  registry_.AddImage(kMirror, "3", plain);
  Look(SyncText({kSignedEntry}), {Stage::kSync});
  EXPECT_THAT(Asked(), ElementsAre("GetManifest r.test/mirrors/alpine 3",
                                   "ListReferrers ghcr.io/o/alpine " + plain.manifest.digest.str(),
                                   "ListTags ghcr.io/o/alpine", "ListTags r.test/mirrors/alpine"));
}

TEST_F(ObserveReferrersTest, NothingIsAskedForOtherEntries) {
  registry_.AddImage(kMirror, "3", image_);
  Look(SyncText({"source: ghcr.io/o/alpine, target: r.test/mirrors/alpine, tag: 3"}),
       {Stage::kSync});
  EXPECT_THAT(Asked(), ElementsAre("ListTags r.test/mirrors/alpine"));
}

TEST_F(ObserveReferrersTest, WhatCannotBeReadIsAnError) {
  registry_.AddImage(kMirror, "3", image_);
  registry_.Inject({.method = "ListReferrers", .times = 100});
  const Observation seen = Look(SyncText({kSignedEntry}), {Stage::kSync});
  const auto asked =
      seen.observed.missing_referrers.find({kSignedSource, kMirror, image_.manifest.digest});
  ASSERT_NE(asked, seen.observed.missing_referrers.end());
  EXPECT_TRUE(absl::IsUnavailable(asked->second.status()));
}

}  // namespace
}  // namespace imglife
