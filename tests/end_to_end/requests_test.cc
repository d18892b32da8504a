// What a run costs, by the access logs of the registries.
#include <algorithm>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/registries_fixture.h"

namespace imglife {
namespace {

using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;
using testing::UnorderedElementsAre;

// Of two platforms with one layer each: four blobs.
TestImage SmallImage(const std::string& name) {
  ImageSpec image;
  image.name = name;
  image.layers = 1;
  IndexSpec index;
  for (const char* platform : {"linux/amd64", "linux/arm64"}) {
    image.platform = platform;
    index.images.push_back(image);
  }
  return MakeIndex(index);
}

class RequestsTest : public RegistriesTest {
 protected:
  void SetUp() override {
    for (const char* tag : {"3.22.0", "3.23.5", "3.24.0"}) {
      Push(upstream_, "library/alpine", tag);
    }
  }

  void ConfigureMirror(const std::string& more) {
    Configure(
        "sync:\n  entries:\n    - source: $UPSTREAM/library/alpine\n"
        "      tag_regex: '^3'\n      target: $PRIVATE/mirrors/alpine\n" +
        more);
  }
};

TEST_F(RequestsTest, AnUpToDateEntryCostsOneListOnEachSide) {
  ConfigureMirror("      keep_last: 2\n");
  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  ForgetRequests();

  const ImglifeRun run = Run({"plan", "--detailed-exitcode"});
  EXPECT_THAT(run, ExitsWith(0));
  EXPECT_THAT(run.out, EndsWith(kNoChanges));
  EXPECT_THAT(NewRequests(upstream_),
              ElementsAre(AllOf(StartsWith("GET /v2/library/alpine/tags/list"), EndsWith(" 200"))));
  EXPECT_THAT(NewRequests(private_),
              ElementsAre(AllOf(StartsWith("GET /v2/mirrors/alpine/tags/list"), EndsWith(" 200"))));
}

TEST_F(RequestsTest, TwoEntriesOfOneRepositoryShareTheList) {
  Configure(R"(sync:
  entries:
    - source: $UPSTREAM/library/alpine
      tag_regex: '^3\.24'
      target: $PRIVATE/mirrors/alpine
    - source: $UPSTREAM/library/alpine
      tag_regex: '^3\.22'
      target: $PRIVATE/mirrors/alpine
)");
  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  ForgetRequests();
  EXPECT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(0));
  EXPECT_THAT(NewRequests(upstream_), SizeIs(1));
  EXPECT_THAT(NewRequests(private_), SizeIs(1));
}

TEST_F(RequestsTest, CheckDigestCostsOneHeadPerTagAndSide) {
  ConfigureMirror("      check_digest: true\n");
  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  ForgetRequests();

  EXPECT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(0));
  const auto heads = [](const std::string& path) {
    return UnorderedElementsAre(
        StartsWith("GET /v2/" + path + "/tags/list"), "HEAD /v2/" + path + "/manifests/3.22.0 200",
        "HEAD /v2/" + path + "/manifests/3.23.5 200", "HEAD /v2/" + path + "/manifests/3.24.0 200");
  };
  EXPECT_THAT(NewRequests(upstream_), heads("library/alpine"));
  EXPECT_THAT(NewRequests(private_), heads("mirrors/alpine"));
}

// registry.md, "Copying": the parts are not read, whether the source has all platforms or not.
TEST_F(RequestsTest, WithPlatformsACheckCostsOneHeadAndOneGetOrHead) {
  Push(upstream_, "library/two", "1.0", SmallImage("two"));
  for (const char* platforms : {"[linux/arm64]", "[linux/arm64, linux/s390x]"}) {
    Configure(std::string(R"(sync:
  entries:
    - source: $UPSTREAM/library/two
      tag: "1.0"
      target: $PRIVATE/mirrors/two
      check_digest: true
      platforms: )") +
              platforms + "\n");
    ASSERT_THAT(Run({"apply"}), ExitsWith(0));
    const std::vector<std::string> command{"plan", "--detailed-exitcode"};
    // What was pushed is read once.
    EXPECT_THAT(Run(command), ExitsWith(0));
    for (const bool cached : {false, true}) {
      ForgetRequests();
      auto uncached = environment_;
      uncached["IMGLIFE_CACHE_DIR"] = "";
      const ImglifeRun run =
          cached ? Run(command) : RunImglife(directory_.path(), command, uncached);
      EXPECT_THAT(run, ExitsWith(0)) << platforms;
      EXPECT_THAT(NewRequests(upstream_), ElementsAre("HEAD /v2/library/two/manifests/1.0 200"));
      EXPECT_THAT(NewRequests(private_),
                  UnorderedElementsAre(
                      StartsWith("GET /v2/mirrors/two/tags/list"),
                      std::string(cached ? "HEAD" : "GET") + " /v2/mirrors/two/manifests/1.0 200"))
          << platforms;
    }
  }
}

// registry.md, "Copying": attestations belong to the platform that they are about.
TEST_F(RequestsTest, WithPlatformsTheAttestationsOfThoseComeAlong) {
  const TestImage index =
      Push(upstream_, "library/attested", "1.0",
           MakeIndex({.images = {{.name = "amd"}, {.name = "arm", .platform = "linux/arm64"}},
                      .attestations = true}));
  Configure(R"(sync:
  entries:
    - source: $UPSTREAM/library/attested
      tag: "1.0"
      target: $PRIVATE/mirrors/attested
      check_digest: true
      platforms: [linux/arm64]
)");
  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  const Repository mirror = ParseRepository(private_.host() + "/mirrors/attested").value();
  const auto bytes = registry().GetManifest(mirror, "1.0");
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  const auto manifest = ParseManifest(bytes->media_type, bytes->content);
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  std::vector<Digest> parts;
  for (const Descriptor& child : manifest->children) {
    parts.push_back(child.digest);
    EXPECT_TRUE(registry().GetManifest(mirror, child.digest.str()).ok());
  }
  EXPECT_THAT(parts, ElementsAre(index.children[1].digest, index.children[3].digest));
  EXPECT_FALSE(registry().GetManifest(mirror, index.children[2].digest.str()).ok());
  EXPECT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(0));
}

// quality.md: plan and apply together, an image of two platforms and eight blobs.
TEST_F(RequestsTest, TheFirstCopyOfAnImage) {
  IndexSpec index;
  for (const char* platform : {"linux/amd64", "linux/arm64"}) {
    ImageSpec image;
    image.name = "eight blobs";
    image.layers = 3;
    image.platform = platform;
    index.images.push_back(image);
  }
  const TestImage image = MakeIndex(index);
  ASSERT_THAT(image.blobs, SizeIs(8));
  Push(upstream_, "library/eight", "1.0", image);
  Configure(R"(sync:
  entries:
    - source: $UPSTREAM/library/eight
      tag: "1.0"
      target: $PRIVATE/mirrors/eight
)");
  ForgetRequests();
  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  const std::vector<std::string> read = NewRequests(upstream_);
  const std::vector<std::string> written = NewRequests(private_);
  EXPECT_LE(read.size(), 12U) << testing::PrintToString(read);
  EXPECT_LE(written.size(), 22U) << testing::PrintToString(written);
  EXPECT_TRUE(HasAll(private_, "mirrors/eight", image));
}

// quality.md: 60 tags, the first time and when there is nothing to do.
TEST_F(RequestsTest, SixtyTagsOfTwoPlatforms) {
  for (int i = 0; i < 60; ++i) {
    const std::string tag = fmt::format("1.{}", i);
    Push(upstream_, "library/sixty", tag, SmallImage(tag));
  }
  Configure(R"(sync:
  entries:
    - source: $UPSTREAM/library/sixty
      tag_regex: '^1'
      target: $PRIVATE/mirrors/sixty
      check_digest: true
)");
  ForgetRequests();
  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  EXPECT_LE(NewRequests(upstream_).size(), 421U);
  EXPECT_LE(NewRequests(private_).size(), 781U);

  EXPECT_THAT(Run({"plan", "--detailed-exitcode"}), ExitsWith(0));
  EXPECT_THAT(NewRequests(upstream_), SizeIs(61));
  EXPECT_THAT(NewRequests(private_), SizeIs(61));
}

// quality.md: four names of one image of four blobs, the first time.
TEST_F(RequestsTest, AliasesAreTransferredOnce) {
  ImageSpec spec;
  spec.name = "four blobs";
  spec.layers = 3;
  const TestImage image = MakeImage(spec);
  ASSERT_THAT(image.blobs, SizeIs(4));
  for (const char* tag : {"1", "1.2", "1.2.3", "latest"}) {
    Push(upstream_, "library/aliases", tag, image);
  }
  Configure(R"(sync:
  entries:
    - source: $UPSTREAM/library/aliases
      tag_regex: '.'
      target: $PRIVATE/mirrors/aliases
)");
  ForgetRequests();
  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  const std::vector<std::string> read = NewRequests(upstream_);
  const std::vector<std::string> written = NewRequests(private_);
  EXPECT_LE(read.size(), 9U) << testing::PrintToString(read);
  EXPECT_LE(written.size(), 21U) << testing::PrintToString(written);
  const auto count = [](const std::vector<std::string>& requests, const std::string& part) {
    return std::count_if(requests.begin(), requests.end(), [&](const std::string& request) {
      return request.find(part) != std::string::npos;
    });
  };
  EXPECT_EQ(count(read, "GET /v2/library/aliases/manifests/"), 1) << testing::PrintToString(read);
  EXPECT_EQ(count(read, "GET /v2/library/aliases/blobs/"), 4);
  EXPECT_EQ(count(written, "PUT /v2/mirrors/aliases/blobs/"), 4);
  EXPECT_EQ(count(written, "PUT /v2/mirrors/aliases/manifests/"), 4);
}

// The alias of an image that is there: nothing is transferred.
TEST_F(RequestsTest, AnAliasTransfersNothing) {
  ConfigureMirror("");
  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  Push(upstream_, "library/alpine", "3.24", Image("library/alpine:3.24.0"));
  ForgetRequests();
  ASSERT_THAT(Run({"apply"}), ExitsWith(0));
  EXPECT_THAT(NewRequests(upstream_), Each(testing::Not(HasSubstr("/blobs/"))));
  const std::vector<std::string> writes = NewWrites(private_);
  EXPECT_THAT(writes, Each(StartsWith("PUT /v2/mirrors/alpine/manifests/"))) << "an upload";
  EXPECT_THAT(writes, testing::Contains("PUT /v2/mirrors/alpine/manifests/3.24 201"));
}

TEST_F(RequestsTest, PlanAndItsKinChangeNothing) {
  ConfigureMirror("retention: {keep_last: 0}\n");
  Push(private_, "mirrors/alpine", "3.1.0", Image("old", "2024-01-01"));
  ForgetRequests();
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"plan", "--out", "plan.json"},
        {"apply", "--dry-run", "plan.json"},
        {"apply", "--dry-run", "--auto-approve"},
        {"sync", "--list"},
        {"sync", "--dry-run"},
        {"cleanup", "--list"},
        {"cleanup", "--dry-run"},
        {"status"}}) {
    Run(command);
    EXPECT_THAT(NewWrites(private_), IsEmpty()) << testing::PrintToString(command);
    EXPECT_THAT(NewWrites(upstream_), IsEmpty()) << testing::PrintToString(command);
  }
}

}  // namespace
}  // namespace imglife
