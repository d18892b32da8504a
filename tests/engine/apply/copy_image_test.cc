#include "engine/apply/copy_image.h"

#include <atomic>
#include <optional>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/observe/image_limits.h"
#include "engine/observe/parallel.h"
#include "tests/engine/apply/repositories.h"
#include "tests/support/fake_registry.h"
#include "tests/support/image_maker.h"
#include "tests/support/odd_images.h"

namespace imglife {
namespace {

class CopyImageTest : public ::testing::Test {
 protected:
  CopyImageTest() {
    IndexSpec spec;
    spec.images = {{.name = "amd"}, {.name = "arm", .platform = "linux/arm64"}};
    image_ = MakeIndex(spec);
    world_.AddImage(kSource, "3.24", image_);
  }

  // With what a run of its own would know.
  absl::StatusOr<Digest> Copy(const std::string& tag = "3.24") {
    const auto memo = MakeRegistryMemo(world_);
    const auto blobs = MakeBlobCopies(*memo, stop_);
    ManifestCopies manifests;
    const auto copied = CopyImage(*memo, *blobs, manifests, RequestFor(tag), stop_);
    if (!copied.ok()) return copied.status();
    return copied->digest;
  }

  CopyRequest RequestFor(const std::string& tag) const {
    return {.source = kSource,
            .digest = image_.manifest.digest,
            .target = kTarget,
            .target_tag = tag,
            .platforms = platforms_,
            .expected = expected_};
  }

  FakeRegistry world_;
  TestImage image_;
  std::vector<Platform> platforms_;
  std::optional<Digest> expected_;
  std::atomic<bool> stop_{false};
};

TEST_F(CopyImageTest, CopiesWholeImagesByteForByte) {
  ASSERT_EQ(Copy().value(), image_.manifest.digest);
  EXPECT_EQ(world_.Tags(kTarget).at("3.24"), image_.manifest.digest);
  for (const ManifestBytes& child : image_.children) {
    EXPECT_TRUE(world_.HasManifest(kTarget, child.digest));
  }
  for (const auto& [digest, bytes] : image_.blobs) EXPECT_TRUE(world_.HasBlob(kTarget, digest));
}

TEST_F(CopyImageTest, WritesTheTagLast) {
  ASSERT_TRUE(Copy().ok());
  const std::vector<RegistryCall> writes = world_.Writes();
  EXPECT_EQ(writes.back().method, "PutManifest");
  EXPECT_EQ(writes.back().argument, "3.24");
}

TEST_F(CopyImageTest, LeavesTheOldTagAsItWasWhereverItFails) {
  ImageSpec old;
  old.name = "old";
  const TestImage before = MakeImage(old);
  world_.AddImage(kTarget, "3.24", before);
  for (const char* method :
       {"GetManifest", "GetBlob", "ReadBlob", "PushBlob", "PutManifest", "BlobExists"}) {
    for (int nth = 1; nth <= 8; ++nth) {
      FakeRegistry world;
      world.AddImage(kSource, "3.24", image_);
      world.AddImage(kTarget, "3.24", before);
      world.Inject({.method = method, .nth = nth});
      const auto memo = MakeRegistryMemo(world);
      const auto blobs = MakeBlobCopies(*memo, stop_);
      ManifestCopies manifests;
      const auto copied = CopyImage(*memo, *blobs, manifests, RequestFor("3.24"), stop_);
      const Digest now = world.Tags(kTarget).at("3.24");
      EXPECT_EQ(now, copied.ok() ? image_.manifest.digest : before.manifest.digest)
          << method << " " << nth;
    }
  }
}

TEST_F(CopyImageTest, APushThatWasInterruptedIsCompletedByTheNext) {
  world_.Inject({.method = "PushBlob", .nth = 3});
  EXPECT_FALSE(Copy().ok());
  EXPECT_EQ(Copy().value(), image_.manifest.digest);
}

TEST_F(CopyImageTest, StopsBeforeTheTag) {
  world_.OnCall([this](const RegistryCall& call) {
    if (call.method == "PushBlob") stop_ = true;
  });
  EXPECT_EQ(Copy().status().code(), absl::StatusCode::kCancelled);
  EXPECT_TRUE(world_.Tags(kTarget).empty());
}

// What many tags of one image have in common goes once.
TEST_F(CopyImageTest, OfManyTagsAtOnceOnlyTheTagsAreWrittenEach) {
  const std::vector<std::string> tags = {"3.24", "3", "latest", "3.24.1"};
  for (int i = 0; i < 50; ++i) {
    FakeRegistry world;
    world.AddImage(kSource, "3.24", image_);
    const auto memo = MakeRegistryMemo(world);
    const auto blobs = MakeBlobCopies(*memo, stop_);
    ManifestCopies manifests;
    ParallelFor(tags.size(), tags.size(), [&](std::size_t each) {
      const auto copied = CopyImage(*memo, *blobs, manifests, RequestFor(tags[each]), stop_);
      EXPECT_TRUE(copied.ok()) << copied.status();
    });
    EXPECT_EQ(world.CountCalls("PushBlob"), image_.blobs.size());
    EXPECT_EQ(world.CountCalls("GetBlob"), image_.blobs.size());
    EXPECT_EQ(world.CountCalls("PutManifest"), image_.children.size() + tags.size());
    EXPECT_EQ(world.Tags(kTarget).size(), tags.size());
  }
}

TEST_F(CopyImageTest, AnAliasSendsItsManifestAlone) {
  const auto memo = MakeRegistryMemo(world_);
  const auto blobs = MakeBlobCopies(*memo, stop_);
  ManifestCopies manifests;
  std::size_t all = image_.manifest.content.size();
  for (const ManifestBytes& child : image_.children) all += child.content.size();
  for (const auto& [digest, bytes] : image_.blobs) all += bytes.size();
  const auto sent = [&](const std::string& tag) {
    const auto copied = CopyImage(*memo, *blobs, manifests, RequestFor(tag), stop_);
    return copied.ok() ? static_cast<std::size_t>(copied->sent) : 0;
  };
  EXPECT_EQ(sent("3.24"), all);
  EXPECT_EQ(sent("3"), image_.manifest.content.size());
}

// What several repositories of a registry need at once comes once and is mounted then.
TEST_F(CopyImageTest, ALargeBlobIsSentToARegistryOnce) {
  const std::string bytes(std::size_t{2} << 20, 'x');
  Descriptor blob;
  blob.digest = Digest::OfBytes(bytes);
  blob.size = static_cast<std::int64_t>(bytes.size());
  TestImage image = image_;
  image.blobs[blob.digest] = bytes;
  world_.AddImage(kSource, "large", image);
  const auto memo = MakeRegistryMemo(world_);
  const auto blobs = MakeBlobCopies(*memo, stop_);
  std::vector<Repository> targets(4, kTarget);
  for (std::size_t i = 0; i < targets.size(); ++i) targets[i].path += std::to_string(i);
  std::atomic<int> asked{0};
  world_.OnCall([&](const RegistryCall& call) {
    // The first one goes on only when all want it.
    while (call.method == "PushBlob" && asked < static_cast<int>(targets.size())) {
      std::this_thread::yield();
    }
  });
  std::atomic<std::int64_t> sent{0};
  ParallelFor(targets.size(), targets.size(), [&](std::size_t i) {
    ++asked;
    const auto uploaded = blobs->Ensure(kSource, targets[i], blob);
    EXPECT_TRUE(uploaded.ok()) << uploaded.status();
    if (uploaded.ok()) sent += *uploaded;
  });
  EXPECT_EQ(sent, blob.size);
  for (const Repository& target : targets) EXPECT_TRUE(world_.HasBlob(target, blob.digest));
}

// Who says another size of a blob fails alone.
TEST_F(CopyImageTest, AWrongSizeIsNobodyElsesFailure) {
  const auto memo = MakeRegistryMemo(world_);
  const auto blobs = MakeBlobCopies(*memo, stop_);
  Descriptor right;
  right.digest = image_.blobs.begin()->first;
  right.size = static_cast<std::int64_t>(image_.blobs.begin()->second.size());
  Descriptor wrong = right;
  wrong.size += 1;
  std::atomic<int> asked{0};
  world_.OnCall([&](const RegistryCall& call) {
    while (call.method == "PushBlob" && asked < 2) std::this_thread::yield();
  });
  ParallelFor(2, 2, [&](std::size_t i) {
    ++asked;
    const auto sent = blobs->Ensure(kSource, kTarget, i == 0 ? wrong : right);
    if (i == 1) {
      EXPECT_TRUE(sent.ok()) << sent.status();
    }
  });
}

// What one source lacks another one has.
TEST_F(CopyImageTest, ASourceThatLacksABlobIsNobodyElsesFailure) {
  const auto memo = MakeRegistryMemo(world_);
  const auto blobs = MakeBlobCopies(*memo, stop_);
  Descriptor blob;
  blob.digest = image_.blobs.begin()->first;
  blob.size = static_cast<std::int64_t>(image_.blobs.begin()->second.size());
  const Repository empty{{}, "empty.test", "library/alpine"};
  std::atomic<int> asked{0};
  world_.OnCall([&](const RegistryCall& call) {
    while (call.method == "PushBlob" && asked < 3) std::this_thread::yield();
  });
  ParallelFor(3, 3, [&](std::size_t i) {
    ++asked;
    const auto sent = blobs->Ensure(i == 2 ? kSource : empty, kTarget, blob);
    if (i == 2) {
      EXPECT_TRUE(sent.ok()) << sent.status();
    }
  });
  EXPECT_TRUE(world_.HasBlob(kTarget, blob.digest));
}

TEST_F(CopyImageTest, WhereTheFirstOfManyTagsFailsTheNextWritesTheParts) {
  for (int i = 0; i < 50; ++i) {
    FakeRegistry world;
    world.AddImage(kSource, "3.24", image_);
    world.Inject({.method = "PutManifest", .argument = image_.children[0].digest.str()});
    const auto memo = MakeRegistryMemo(world);
    const auto blobs = MakeBlobCopies(*memo, stop_);
    ManifestCopies manifests;
    const std::vector<std::string> tags = {"3.24", "3", "latest"};
    std::atomic<int> failed{0};
    ParallelFor(tags.size(), tags.size(), [&](std::size_t each) {
      const auto request = RequestFor(tags[each]);
      if (!CopyImage(*memo, *blobs, manifests, request, stop_).ok()) ++failed;
    });
    EXPECT_EQ(failed, 1);
    EXPECT_EQ(world.Tags(kTarget).size(), 2u);
  }
}

TEST_F(CopyImageTest, KeepsOnlyThePlatformsThatAreWanted) {
  platforms_ = {*Platform::Parse("linux/arm64")};
  const auto copied = Copy();
  ASSERT_TRUE(copied.ok()) << copied.status();
  EXPECT_NE(*copied, image_.manifest.digest);
  EXPECT_FALSE(world_.HasManifest(kTarget, image_.children[0].digest));
  EXPECT_TRUE(world_.HasManifest(kTarget, image_.children[1].digest));
}

TEST_F(CopyImageTest, TakesNothingThatIsMoreThanAnyImage) {
  for (const TestImage& odd : {MakeNest(kMaxIndexDepth + 1), MakeWideIndex(kMaxParts + 1)}) {
    image_ = odd;
    world_.AddImage(kSource, "odd", odd);
    world_.ForgetCalls();
    EXPECT_EQ(Copy().status().code(), absl::StatusCode::kResourceExhausted);
    EXPECT_LE(world_.CountCalls("GetManifest"), kMaxIndexDepth + 2);
    EXPECT_TRUE(world_.Writes().empty());
  }
}

TEST_F(CopyImageTest, WritesNothingWhereAnotherImageComesOutThanExpected) {
  platforms_ = {*Platform::Parse("linux/arm64")};
  expected_ = image_.manifest.digest;
  const absl::Status refused = Copy().status();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_TRUE(world_.Writes().empty());
  expected_ = FilterIndex(image_.manifest, platforms_)->digest;
  EXPECT_EQ(Copy().value(), *expected_);
}

TEST_F(CopyImageTest, TakesNothingThatIsDamaged) {
  world_.CorruptContent(kSource, image_.blobs.begin()->first);
  EXPECT_FALSE(Copy().ok());
  EXPECT_TRUE(world_.Tags(kTarget).empty());
}

}  // namespace
}  // namespace imglife
