// What refers to images, where the registry lists it itself: no fallback tags.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/referrers_front.h"
#include "tests/end_to_end/registries_fixture.h"
#include "tests/support/referrer_maker.h"

namespace imglife {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::UnorderedElementsAre;

class ReferrersApiTest : public RegistriesTest {
 protected:
  ReferrersApiTest() {
    image_ = Push(upstream_, kUpstream, "3.24.1");
    for (const char* name : {"sbom", "scan", "licences"}) Refer(name);
    Mirror("$UPSTREAM/library/alpine", front_.host() + "/mirrors/alpine");
  }

  void Refer(const std::string& name) {
    const TestImage referrer = MakeReferrer(image_.ToDescriptor(), name);
    Push(upstream_, kUpstream, referrer.manifest.digest.str(), referrer);
    referrers_.push_back(referrer.manifest.digest.str());
  }

  void Mirror(const std::string& source, const std::string& target) const {
    Configure("sync:\n  entries:\n    - {source: " + source + ", target: " + target +
              ", tag: 3.24.1, referrers: true}\n");
  }

  void ExpectAllListed() const {
    EXPECT_THAT(front_.ReferrersOf(image_.manifest.digest.str()),
                testing::UnorderedElementsAreArray(referrers_));
  }

  void ExpectNoChanges() const {
    const ImglifeRun plan = Run({"plan", "--detailed-exitcode"});
    EXPECT_THAT(plan, ExitsWith(0));
    EXPECT_THAT(plan.out, HasSubstr(kNoChanges));
  }

  ReferrersFront front_{private_.url()};
  TestImage image_;
  std::vector<std::string> referrers_;
};

TEST_F(ReferrersApiTest, TheTargetListsWhatWasCopied) {
  ASSERT_THAT(Run({"sync"}), ExitsWith(0));
  ExpectAllListed();
  EXPECT_THAT(NewWrites(private_), Not(Contains(HasSubstr(TagOf(image_.manifest.digest)))));
  EXPECT_THAT(Tags(private_, kMirror), UnorderedElementsAre("3.24.1"));
  ExpectNoChanges();

  Refer("late");
  EXPECT_THAT(Run({"plan"}).out, HasSubstr("1 referrer more upstream"));
  ASSERT_THAT(Run({"sync"}), ExitsWith(0));
  ExpectAllListed();
  ExpectNoChanges();
}

TEST_F(ReferrersApiTest, EveryPageOfTheSourceIsRead) {
  ASSERT_THAT(Run({"sync"}), ExitsWith(0));
  Mirror(front_.host() + "/mirrors/alpine", "ocidir://layout");
  EXPECT_THAT(Run({"plan"}).out, HasSubstr("3 referrers"));
  ASSERT_THAT(Run({"sync"}), ExitsWith(0));
  ExpectNoChanges();
}

TEST_F(ReferrersApiTest, TheyGoWithTheirImage) {
  ASSERT_THAT(Run({"sync"}), ExitsWith(0));
  const TestImage kept = Push(private_, kMirror, "kept");
  Configure("sync:\n  entries:\n    - {source: $PRIVATE/elsewhere, target: " + front_.host() +
            "/mirrors/alpine, tag: kept}\nretention: {keep_last: 0}\n");
  ASSERT_THAT(Run({"cleanup"}), ExitsWith(0));
  EXPECT_THAT(Tags(private_, kMirror), UnorderedElementsAre("kept"));
  EXPECT_TRUE(HasAll(private_, kMirror, kept));
  for (const std::string& referrer : referrers_) {
    EXPECT_EQ(DigestOf(private_, kMirror, referrer), "");
  }
}

// A part of a list of platforms, signed by itself.
TEST_F(ReferrersApiTest, ThoseOfItsPartsGoToo) {
  const TestImage index =
      MakeIndex({.images = {{.name = "amd"}, {.name = "arm", .platform = "linux/arm64"}}});
  const TestImage signature =
      MakeReferrer(MakeImage({.name = "amd"}).ToDescriptor(), "signature of a part");
  Push(upstream_, kUpstream, "3.24.1", index);
  Push(upstream_, kUpstream, signature.manifest.digest.str(), signature);
  ASSERT_THAT(Run({"sync"}), ExitsWith(0));
  Push(private_, kMirror, "kept");
  Configure("sync:\n  entries:\n    - {source: $PRIVATE/elsewhere, target: " + front_.host() +
            "/mirrors/alpine, tag: kept}\nretention: {keep_last: 0}\n");
  EXPECT_THAT(Run({"plan"}).out, HasSubstr("1 referrer of it goes too"));
  ASSERT_THAT(Run({"cleanup"}), ExitsWith(0));
  EXPECT_THAT(Tags(private_, kMirror), UnorderedElementsAre("kept"));
  for (const Digest& digest : {index.manifest.digest, index.children[0].digest,
                               index.children[1].digest, signature.manifest.digest}) {
    EXPECT_EQ(DigestOf(private_, kMirror, digest.str()), "");
  }
}

}  // namespace
}  // namespace imglife
