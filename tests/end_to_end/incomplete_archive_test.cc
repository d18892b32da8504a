// A copy in the archive is what its name leads to, not its name; and it lasts from when its tag
// goes.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/registries_fixture.h"
#include "tests/support/referrer_maker.h"

namespace imglife {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// 3.1 is archived, and then mirrored once more.
class IncompleteArchiveTest : public RegistriesTest {
 protected:
  void SetUp() override {
    Push(private_, kMirror, "3.24.0", Push(upstream_, "library/alpine", "3.24.0"));
    Configure(R"(sync:
  entries:
    - source: $UPSTREAM/library/alpine
      tag: "3.24.0"
      target: $PRIVATE/mirrors/alpine
retention:
  keep_last: 0
  archive: {enabled: true, keep_days: 90, registry: $PRIVATE/archive}
)");
    PushOld();
    ASSERT_THAT(Run({"cleanup"}), ExitsWith(0));
    ASSERT_TRUE(HasAll(private_, kArchived, old_));
    PushOld();
  }

  void PushOld() {
    Push(private_, kMirror, "3.1", old_);
    Push(private_, kMirror, "", sbom_);
  }

  // As `docker-registry garbage-collect --delete-untagged` does with a part of an index.
  void CollectPart(const Digest& part) {
    const absl::Status deleted = registry().DeleteManifest(private_.At(kArchived), part);
    ASSERT_TRUE(deleted.ok()) << deleted;
  }

  void CollectBlob(const Digest& blob) {
    const std::string link =
        private_.DirectoryOf(kArchived) + "/_layers/sha256/" + std::string(blob.hex()) + "/link";
    ASSERT_TRUE(std::filesystem::remove(link)) << link;
  }

  const TestImage old_ = Image("old", "2024-01-01");
  const TestImage sbom_ = MakeReferrer(old_.ToDescriptor(), "sbom");
};

TEST_F(IncompleteArchiveTest, IsMadeWholeBeforeTheTagGoes) {
  CollectPart(old_.children[0].digest);
  CollectBlob(old_.blobs.begin()->first);
  CollectBlob(sbom_.blobs.begin()->first);
  const ImglifeRun plan = Run({"plan"});
  EXPECT_THAT(plan.out, HasSubstr("archived again before it is deleted"));
  EXPECT_THAT(plan.out, HasSubstr("which is gone from the archive"));
  EXPECT_THAT(Run({"cleanup"}), ExitsWith(0));
  EXPECT_THAT(Tags(private_, kMirror), ElementsAre("3.24.0"));
  EXPECT_TRUE(HasAll(private_, kArchived, old_));
  EXPECT_TRUE(HasAll(private_, kArchived, sbom_));
  EXPECT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(0));
}

TEST_F(IncompleteArchiveTest, KeepsTheTagIfItBrokeAfterThePlanWasMade) {
  ASSERT_THAT(Run({"plan", "--out", "plan.json"}), ExitsWith(0));
  CollectPart(old_.children[1].digest);
  const ImglifeRun apply = Run({"apply", "plan.json"});
  EXPECT_THAT(apply, ExitsWith(3));
  EXPECT_THAT(apply.err, HasSubstr(old_.children[1].digest.str() + " is missing; plan again"));
  EXPECT_TRUE(HasAll(private_, kMirror, old_));
  EXPECT_THAT(Run({"cleanup"}), ExitsWith(0));
  EXPECT_TRUE(HasAll(private_, kArchived, old_));
}

// Its deletion failed 89 days ago.
TEST_F(IncompleteArchiveTest, LastsFromWhenTheTagGoes) {
  environment_["IMGLIFE_NOW"] = "2026-11-17T06:00:00Z";
  ASSERT_THAT(Run({"cleanup"}), ExitsWith(0));
  ASSERT_THAT(Tags(private_, kMirror), ElementsAre("3.24.0"));
  environment_["IMGLIFE_NOW"] = "2026-11-20T06:00:00Z";
  EXPECT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(0));
  EXPECT_TRUE(HasAll(private_, kArchived, old_));
  environment_["IMGLIFE_NOW"] = "2027-02-15T06:00:01Z";
  EXPECT_THAT(Run({"cleanup"}), ExitsWith(0));
  EXPECT_EQ(DigestOf(private_, kArchived, "3.1"), "");
}

TEST_F(IncompleteArchiveTest, IsLeftAloneByAPlanThatIsAppliedAgain) {
  CollectPart(old_.children[0].digest);
  ASSERT_THAT(Run({"plan", "--out", "plan.json"}), ExitsWith(0));
  ASSERT_THAT(Run({"apply", "plan.json"}), ExitsWith(0));
  NewRequests(private_);
  const ImglifeRun again = Run({"apply", "plan.json"});
  EXPECT_THAT(again, ExitsWith(0));
  EXPECT_THAT(again.out, HasSubstr("2 already so"));
  EXPECT_THAT(NewWrites(private_), IsEmpty());
}

}  // namespace
}  // namespace imglife
