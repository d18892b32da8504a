// An image that carries the annotation of a placeholder is an image like any other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/registries_fixture.h"
#include "tests/support/odd_images.h"

namespace imglife {
namespace {

using testing::ElementsAre;

class PlaceholderAnnotationTest : public RegistriesTest {
 protected:
  void ConfigureTag(const std::string& tag) {
    Configure(R"(sync:
  entries:
    - source: $UPSTREAM/library/alpine
      tag: ")" +
              tag + R"("
      target: $PRIVATE/mirrors/alpine
retention: {keep_last: 1, max_age_days: 365}
)");
  }

  const TestImage annotated_ =
      MakeImage({.name = "annotated",
                 .created = absl::FromUnixSeconds(1'780'000'000),
                 .annotations = {{std::string(annotation::kPlaceholder), "3.1 of upstream"}}});
};

TEST_F(PlaceholderAnnotationTest, IsMirroredOnceAndKeptAsOthersAre) {
  Push(upstream_, "library/alpine", "3.1", annotated_);
  Push(upstream_, "library/alpine", "3.2");
  ConfigureTag("3.1");
  ASSERT_THAT(Run({"sync"}), ExitsWith(0));
  EXPECT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(0));

  ConfigureTag("3.2");
  ASSERT_THAT(Run({"sync"}), ExitsWith(0));
  EXPECT_THAT(Run({"cleanup"}), ExitsWith(0));
  EXPECT_THAT(Tags(private_, kMirror), ElementsAre("3.1", "3.2"));
  EXPECT_TRUE(HasAll(private_, kMirror, annotated_));
}

TEST_F(PlaceholderAnnotationTest, WhatAKilledDeletionLeftStillGoes) {
  Push(upstream_, "library/alpine", "3.2");
  ConfigureTag("3.2");
  ASSERT_THAT(Run({"sync"}), ExitsWith(0));
  Push(private_, kMirror, "3.1", MakePlaceholderImage("3.1"));
  const ImglifeRun cleanup = Run({"cleanup"});
  EXPECT_THAT(cleanup, ExitsWith(0));
  EXPECT_THAT(Tags(private_, kMirror), ElementsAre("3.2"));
}

// The list of tags doesn't tell it, and sync asks no more: cleanup reads the tag anyway.
TEST_F(PlaceholderAnnotationTest, WhatIsWantedAgainIsCopiedByCleanup) {
  const TestImage wanted = Push(upstream_, "library/alpine", "3.1");
  ConfigureTag("3.1");
  ASSERT_THAT(Run({"sync"}), ExitsWith(0));
  Push(private_, kMirror, "3.1", MakePlaceholderImage("3.1"));
  const ImglifeRun cleanup = Run({"cleanup"});
  EXPECT_THAT(cleanup, ExitsWith(0)) << cleanup.out << cleanup.err;
  EXPECT_EQ(DigestOf(private_, kMirror, "3.1"), wanted.manifest.digest.str());
  EXPECT_TRUE(HasAll(private_, kMirror, wanted));
  EXPECT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(0));
}

// As upstream is, where another run's deletion was killed.
TEST_F(PlaceholderAnnotationTest, WhatAKilledDeletionLeftUpstreamTakesNoImagesPlace) {
  const TestImage good = Push(upstream_, "library/alpine", "3.1");
  Configure(
      "sync: {entries: [{source: $UPSTREAM/library/alpine, target: $PRIVATE/mirrors/alpine, "
      "tag: '3.1', check_digest: true}]}\n");
  ASSERT_THAT(Run({"sync"}), ExitsWith(0));
  Push(upstream_, "library/alpine", "3.1", MakePlaceholderImage("3.1"));
  const ImglifeRun sync = Run({"sync"});
  EXPECT_THAT(sync, ExitsWith(1));
  EXPECT_THAT(sync.out + sync.err, testing::HasSubstr("/library/alpine:3.1 is no image"));
  EXPECT_EQ(DigestOf(private_, kMirror, "3.1"), good.manifest.digest.str());
  EXPECT_TRUE(HasAll(private_, kMirror, good));
}

}  // namespace
}  // namespace imglife
