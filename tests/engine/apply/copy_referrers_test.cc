#include "engine/apply/copy_referrers.h"

#include <array>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/observe/missing_referrers.h"
#include "engine/observe/parallel.h"
#include "tests/engine/apply/repositories.h"
#include "tests/support/fake_registry.h"
#include "tests/support/referrer_maker.h"

namespace imglife {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CopyReferrersTest : public ::testing::Test {
 protected:
  CopyReferrersTest() {
    world_.AddImage(kSource, "3", image_);
    world_.AddImage(kSource, "sbom", sbom_);
    world_.AddImage(kSource, "of-sbom", of_sbom_);
    world_.RemoveTag(kSource, "sbom");
    world_.RemoveTag(kSource, "of-sbom");
    world_.AddImage(kSource, kSignature, signatures_);
    world_.AddRepository(kTarget);
  }

  absl::StatusOr<std::vector<std::string>> Copy() {
    const auto memo = MakeRegistryMemo(world_);
    const auto blobs = MakeBlobCopies(*memo, stop_);
    ManifestCopies manifests;
    return CopyReferrers(*memo, *blobs, manifests, Request(), stop_);
  }

  ReferrersRequest Request() {
    return {.source = kSource,
            .target = kTarget,
            .subjects = {image_.manifest.digest},
            .overwrite = [this](const TagOverwrite& overwrite,
                                const std::function<absl::Status()>& write) {
              overwritten_.push_back(overwrite);
              return may_overwrite_.ok() ? write() : may_overwrite_;
            }};
  }

  bool HasAll(const TestImage& image) const {
    for (const auto& [digest, bytes] : image.blobs) {
      if (!world_.HasBlob(kTarget, digest)) return false;
    }
    return world_.HasManifest(kTarget, image.manifest.digest);
  }

  const TestImage image_ = MakeImage({.name = "image"});
  const TestImage sbom_ = MakeReferrer(image_.ToDescriptor(), "sbom");
  const TestImage of_sbom_ = MakeReferrer(sbom_.ToDescriptor(), "signature of sbom");
  const TestImage signatures_ = MakeSignatures({"alice"});
  const std::string kSignature = TagOf(image_.manifest.digest, ".sig");
  FakeRegistry world_;
  std::atomic<bool> stop_{false};
  std::vector<TagOverwrite> overwritten_;
  absl::Status may_overwrite_;
};

TEST_F(CopyReferrersTest, CopiesEachWholeAndAfterWhatRefersToIt) {
  const auto copied = Copy();
  ASSERT_TRUE(copied.ok()) << copied.status();
  EXPECT_THAT(*copied, IsEmpty());
  for (const TestImage& referrer : {sbom_, of_sbom_, signatures_}) EXPECT_TRUE(HasAll(referrer));
  std::vector<std::string> names;
  for (const RegistryCall& write : world_.Writes()) {
    if (write.method == "PutManifest") names.push_back(write.argument);
  }
  EXPECT_THAT(names,
              ElementsAre(of_sbom_.manifest.digest.str(), sbom_.manifest.digest.str(), kSignature));
  EXPECT_THAT(overwritten_, IsEmpty());
  // The image isn't its business.
  EXPECT_FALSE(world_.HasManifest(kTarget, image_.manifest.digest));
}

// Its lists tell of the target what they tell of the source.
class StaleLists : public FakeRegistry {
 public:
  absl::StatusOr<std::vector<Descriptor>> ListReferrers(const Repository&,
                                                        const Digest& subject) override {
    return FakeRegistry::ListReferrers(kSource, subject);
  }
};

TEST_F(CopyReferrersTest, WhatIsListedAndGoneIsCopied) {
  StaleLists world;
  world.AddImage(kSource, "3", image_);
  world.AddImage(kSource, "", sbom_);
  world.AddRepository(kTarget);
  const auto memo = MakeRegistryMemo(world);
  const auto blobs = MakeBlobCopies(*memo, stop_);
  ManifestCopies manifests;
  const auto copied = CopyReferrers(*memo, *blobs, manifests, Request(), stop_);
  ASSERT_TRUE(copied.ok()) << copied.status();
  EXPECT_TRUE(world.HasManifest(kTarget, sbom_.manifest.digest));
  // Another name of the image costs no question about it.
  world.ForgetCalls();
  ASSERT_TRUE(CopyReferrers(*memo, *blobs, manifests, Request(), stop_).ok());
  EXPECT_EQ(world.CountCalls("Resolve"), 0u);
  EXPECT_THAT(world.Writes(), IsEmpty());
}

TEST_F(CopyReferrersTest, ASecondTimeWritesNothing) {
  ASSERT_TRUE(Copy().ok());
  world_.ForgetCalls();
  ASSERT_TRUE(Copy().ok());
  EXPECT_THAT(world_.Writes(), IsEmpty());
}

// Since the plan was made in this very process.
TEST_F(CopyReferrersTest, WhatWasAttachedMeanwhileComesAlong) {
  const auto memo = MakeRegistryMemo(world_);
  const std::vector<Digest> subjects = {image_.manifest.digest};
  ASSERT_TRUE(FindMissingReferrers(*memo, kSource, *memo, kTarget, subjects).ok());
  const TestImage late = MakeReferrer(image_.ToDescriptor(), "late");
  world_.AddImage(kSource, "late", late);
  world_.AddImage(kSource, TagOf(image_.manifest.digest, ".att"), MakeSignatures({"late"}));
  const auto blobs = MakeBlobCopies(*memo, stop_);
  ManifestCopies manifests;
  const auto copied = CopyReferrers(*memo, *blobs, manifests, Request(), stop_);
  ASSERT_TRUE(copied.ok()) << copied.status();
  EXPECT_TRUE(HasAll(late));
  EXPECT_TRUE(HasAll(MakeSignatures({"late"})));
}

TEST_F(CopyReferrersTest, NothingIsListedBeforeItIsWhole) {
  for (const char* method : {"GetBlob", "ReadBlob", "PushBlob", "PutManifest", "GetManifest"}) {
    for (int nth = 1; nth <= 6; ++nth) {
      FakeRegistry world;
      world.AddImage(kSource, "3", image_);
      world.AddImage(kSource, "sbom", sbom_);
      world.Inject({.method = method, .nth = nth});
      const auto memo = MakeRegistryMemo(world);
      const auto blobs = MakeBlobCopies(*memo, stop_);
      ManifestCopies manifests;
      const bool copied = CopyReferrers(*memo, *blobs, manifests, Request(), stop_).ok();
      EXPECT_EQ(world.HasManifest(kTarget, sbom_.manifest.digest), copied) << method << nth;
      for (const auto& [digest, bytes] : sbom_.blobs) {
        EXPECT_TRUE(!copied || world.HasBlob(kTarget, digest));
      }
    }
  }
}

// As if another process had written the fallback tag in between.
TEST_F(CopyReferrersTest, WhatAnotherWriterDropsIsAddedAgain) {
  int dropped = 0;
  world_.OnCall([&](const RegistryCall& call) {
    // The look after the first round.
    if (call.method == "PutManifest" && call.argument == kSignature && dropped++ == 0) {
      world_.RemoveContent(kTarget, sbom_.manifest.digest);
    }
  });
  ASSERT_TRUE(Copy().ok());
  EXPECT_TRUE(HasAll(sbom_));
}

TEST_F(CopyReferrersTest, WhatNeverStaysIsAnError) {
  world_.OnCall([&](const RegistryCall& call) {
    if (call.method == "ListReferrers" && call.repository == kTarget.ToString()) {
      world_.RemoveContent(kTarget, sbom_.manifest.digest);
    }
  });
  const auto copied = Copy();
  EXPECT_TRUE(absl::IsAborted(copied.status())) << copied.status();
  EXPECT_THAT(std::string(copied.status().message()), HasSubstr(sbom_.manifest.digest.str()));
}

TEST_F(CopyReferrersTest, SignaturesOfTheTargetAreNeverLost) {
  const TestImage own = MakeSignatures({"our own"});
  world_.AddImage(kTarget, kSignature, own);
  const auto copied = Copy();
  ASSERT_TRUE(copied.ok()) << copied.status();
  EXPECT_THAT(*copied, ElementsAre(HasSubstr(kSignature)));
  EXPECT_EQ(world_.Tags(kTarget).at(kSignature), own.manifest.digest);
}

TEST_F(CopyReferrersTest, ATagThatIsWrittenMeanwhileIsNotOverwritten) {
  const TestImage own = MakeSignatures({"our own"});
  world_.OnCall([&](const RegistryCall& call) {
    if (call.method == "PushBlob" && HasAll(sbom_)) world_.AddImage(kTarget, kSignature, own);
  });
  const auto copied = Copy();
  EXPECT_TRUE(absl::IsAborted(copied.status())) << copied.status();
  EXPECT_EQ(world_.Tags(kTarget).at(kSignature), own.manifest.digest);
}

TEST_F(CopyReferrersTest, ATagThatIsWrittenMeanwhileAsWantedIsFine) {
  world_.OnCall([&](const RegistryCall& call) {
    if (call.method == "PushBlob" && HasAll(sbom_)) {
      world_.AddImage(kTarget, kSignature, signatures_);
    }
  });
  const auto copied = Copy();
  EXPECT_TRUE(copied.ok()) << copied.status();
}

TEST_F(CopyReferrersTest, TwoNamesOfOneImageAtOnceWriteThemOnce) {
  for (int i = 0; i < 50; ++i) {
    FakeRegistry world;
    world.AddImage(kSource, "3", image_);
    world.AddImage(kSource, kSignature, signatures_);
    const auto memo = MakeRegistryMemo(world);
    const auto blobs = MakeBlobCopies(*memo, stop_);
    ManifestCopies manifests;
    std::array<absl::Status, 2> statuses;
    ParallelFor(statuses.size(), statuses.size(), [&](std::size_t each) {
      statuses[each] = CopyReferrers(*memo, *blobs, manifests, Request(), stop_).status();
    });
    for (const absl::Status& status : statuses) EXPECT_TRUE(status.ok()) << status;
    EXPECT_EQ(world.Tags(kTarget).at(kSignature), signatures_.manifest.digest);
    EXPECT_EQ(world.CountCalls("PutManifest"), 1u);
  }
}

// Of two that find it missing, the later one: it waits for its turn until the first is done.
TEST_F(CopyReferrersTest, WhatIsWrittenAlreadyIsNotWrittenAgain) {
  const auto memo = MakeRegistryMemo(world_);
  const auto blobs = MakeBlobCopies(*memo, stop_);
  ManifestCopies manifests;
  ASSERT_TRUE(CopyReferrers(*memo, *blobs, manifests, Request(), stop_).ok());
  const std::size_t written = world_.CountCalls("PutManifest");
  // As the target was when the second one looked.
  world_.Inject({.method = "Resolve",
                 .repository = kTarget.ToString(),
                 .argument = kSignature,
                 .status = absl::NotFoundError("not yet")});
  ASSERT_TRUE(CopyReferrers(*memo, *blobs, manifests, Request(), stop_).ok());
  EXPECT_EQ(world_.CountCalls("PutManifest"), written);
}

TEST_F(CopyReferrersTest, WhatATagNamedIsToldBeforeItIsOverwritten) {
  const TestImage first = MakeSignatures({"alice"});
  world_.AddImage(kTarget, kSignature, first);
  const TestImage second = MakeSignatures({"alice", "bob"});
  world_.AddImage(kSource, kSignature, second);
  may_overwrite_ = absl::UnavailableError("disk full");
  EXPECT_EQ(Copy().status(), may_overwrite_);
  EXPECT_EQ(world_.Tags(kTarget).at(kSignature), first.manifest.digest);
  may_overwrite_ = absl::OkStatus();
  ASSERT_TRUE(Copy().ok());
  EXPECT_EQ(world_.Tags(kTarget).at(kSignature), second.manifest.digest);
  ASSERT_EQ(overwritten_.size(), 2u);
  EXPECT_EQ(overwritten_.back().tag, (Reference{kTarget, kSignature, {}}));
  EXPECT_EQ(overwritten_.back().before, first.manifest.digest);
  EXPECT_EQ(overwritten_.back().after, second.manifest.digest);
}

TEST_F(CopyReferrersTest, StopsWhenAskedTo) {
  stop_ = true;
  EXPECT_TRUE(absl::IsCancelled(Copy().status()));
  EXPECT_FALSE(HasAll(sbom_));
}

}  // namespace
}  // namespace imglife
