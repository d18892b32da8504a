// Layers that a registry has already are mounted, not transferred again (registry.md, Copying).
#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/registries_fixture.h"

namespace imglife {
namespace {

using testing::Each;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class MountsTest : public RegistriesTest {
 protected:
  // The server's requests since the last call that ask for a mount, and those that upload a blob.
  struct Blobs {
    std::vector<std::string> mounts;
    std::vector<std::string> uploads;
  };
  Blobs NewBlobs(const DockerRegistry& server) {
    Blobs blobs;
    for (const std::string& line : NewRequests(server)) {
      if (line.find("mount=") != std::string::npos) blobs.mounts.push_back(line);
      const bool uploads = line.rfind("PUT ", 0) == 0 || line.rfind("PATCH ", 0) == 0;
      if (uploads && line.find("/blobs/") != std::string::npos) blobs.uploads.push_back(line);
    }
    return blobs;
  }
};

TEST_F(MountsTest, FromASourceInTheSameRegistry) {
  const TestImage image = Push(private_, "upstream/alpine", "3.24.0");
  Configure(R"(sync:
  entries:
    - {source: $PRIVATE/upstream/alpine, tag: "3.24.0", target: $PRIVATE/mirrors/alpine}
)");
  NewRequests(private_);
  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  const Blobs blobs = NewBlobs(private_);
  EXPECT_THAT(blobs.mounts, SizeIs(image.blobs.size()));
  EXPECT_THAT(blobs.mounts, Each(HasSubstr("from=upstream%2Falpine")));
  EXPECT_THAT(blobs.mounts, Each(EndsWith(" 201")));
  EXPECT_THAT(blobs.uploads, IsEmpty());
  EXPECT_TRUE(HasAll(private_, "mirrors/alpine", image));
}

class MountsAcrossTest : public MountsTest, public testing::WithParamInterface<const char*> {};

INSTANTIATE_TEST_SUITE_P(Parallelism, MountsAcrossTest, testing::Values("1", "10"));

// One copy after the other, or both at once: what the first one has brought, the second finds
// beside it.
TEST_P(MountsAcrossTest, FromWhereTheRunHasPushedThem) {
  const TestImage image = Push(upstream_, "library/alpine", "3.24.0");
  Configure(R"(sync:
  entries:
    - {source: $UPSTREAM/library/alpine, tag: "3.24.0", target: $PRIVATE/mirrors/one}
    - {source: $UPSTREAM/library/alpine, tag: "3.24.0", target: $PRIVATE/mirrors/two}
)");
  NewRequests(private_);
  NewRequests(upstream_);
  ASSERT_THAT(Run({"apply", "--parallelism", GetParam()}), ExitsWith(0));
  const Blobs blobs = NewBlobs(private_);
  EXPECT_THAT(blobs.mounts, SizeIs(image.blobs.size()));
  EXPECT_THAT(blobs.mounts, Each(HasSubstr("from=mirrors%2F")));
  EXPECT_THAT(blobs.mounts, Each(EndsWith(" 201")));
  EXPECT_THAT(blobs.uploads, SizeIs(image.blobs.size()));
  EXPECT_TRUE(HasAll(private_, "mirrors/one", image));
  EXPECT_TRUE(HasAll(private_, "mirrors/two", image));
}

// Docker Hub answers 400 to a mount from elsewhere (ggcr#1741).
TEST_F(MountsTest, NotFromAnotherRegistry) {
  const TestImage image = Push(upstream_, "mirrors/alpine", "3.24.0");
  Configure(R"(sync:
  entries:
    - {source: $UPSTREAM/mirrors/alpine, tag: "3.24.0", target: $PRIVATE/mirrors/alpine}
)");
  NewRequests(private_);
  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  const Blobs blobs = NewBlobs(private_);
  EXPECT_THAT(blobs.mounts, IsEmpty());
  EXPECT_THAT(blobs.uploads, SizeIs(image.blobs.size()));
}

}  // namespace
}  // namespace imglife
