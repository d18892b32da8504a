// Many names of few images, all at once into one repository of docker-registry 2.8: it refuses a
// manifest while something that it names is being written, also when that was there already.
#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/end_to_end/registries_fixture.h"

namespace imglife {
namespace {

using testing::ElementsAre;
using testing::EndsWith;

// "PUT /v2/NAME/manifests/sha256:HEX 201" → how often.
std::map<std::string, int> PutsByDigest(const std::vector<std::string>& requests) {
  std::map<std::string, int> puts;
  for (const std::string& request : requests) {
    if (request.rfind("PUT ", 0) != 0) continue;
    if (request.find("/manifests/sha256:") != std::string::npos) ++puts[request];
  }
  return puts;
}

class AliasesTest : public RegistriesTest {
 protected:
  // Images of two platforms, each under `names` tags.
  void PushUnderManyNames(const DockerRegistry& server, const std::string& path, int images,
                          int names) {
    for (int i = 0; i < images; ++i) {
      const TestImage image = Image(fmt::format("image {}", i), "2024-01-01");
      for (int name = 0; name < names; ++name) {
        const std::string tag = fmt::format("3.{}.{}", i, name);
        Push(server, path, tag, image);
        digests_[tag] = image.manifest.digest.str();
      }
    }
  }

  void ExpectAll(const std::string& path) {
    for (const auto& [tag, digest] : digests_) EXPECT_EQ(DigestOf(private_, path, tag), digest);
  }

  std::map<std::string, std::string> digests_;
};

TEST_F(AliasesTest, AreCopiedTogetherAndTheirPartsOnce) {
  PushUnderManyNames(upstream_, "library/alpine", 6, 5);
  for (int i = 0; i < 4; ++i) {
    const std::string target = fmt::format("mirrors/fresh{}", i);
    Configure(
        "sync:\n  entries:\n    - source: $UPSTREAM/library/alpine\n"
        "      tag_regex: '^3'\n      target: $PRIVATE/" +
        target + "\n");
    ForgetRequests();
    ASSERT_THAT(Run({"sync"}), ExitsWith(0));
    const std::map<std::string, int> puts = PutsByDigest(NewRequests(private_));
    EXPECT_EQ(puts.size(), 12U);
    for (const auto& [put, times] : puts) {
      EXPECT_THAT(put, EndsWith(" 201"));
      EXPECT_EQ(times, 1) << put;
    }
    ExpectAll(target);
  }
}

// A name of an index, and names of its parts.
TEST_F(AliasesTest, OfPartsAreCopiedWithWhatNamesThem) {
  for (int i = 0; i < 6; ++i) {
    const TestImage index = Image(fmt::format("image {}", i));
    Push(upstream_, "library/alpine", fmt::format("3.{}", i), index);
    for (const ManifestBytes& part : index.children) {
      Push(upstream_, "library/alpine", "3-" + std::string(part.digest.hex()),
           TestImage{.manifest = part, .children = {}, .blobs = index.blobs});
    }
  }
  for (int i = 0; i < 4; ++i) {
    Configure(
        "sync:\n  entries:\n    - source: $UPSTREAM/library/alpine\n"
        "      tag_regex: '^3'\n      target: $PRIVATE/" +
        fmt::format("mirrors/fresh{}\n", i));
    EXPECT_THAT(Run({"sync"}), ExitsWith(0));
  }
}

TEST_F(AliasesTest, AreArchivedTogetherAndDeleted) {
  Push(private_, "mirrors/alpine", "3.24.0", Push(upstream_, "library/alpine", "3.24.0"));
  PushUnderManyNames(private_, "mirrors/alpine", 12, 2);
  Configure(R"(sync:
  entries:
    - source: $UPSTREAM/library/alpine
      tag: "3.24.0"
      target: $PRIVATE/mirrors/alpine
retention:
  keep_last: 0
  archive: {enabled: true, keep_days: 90, registry: $PRIVATE/archive}
  guard: {max_delete_percent: 100}
)");
  ForgetRequests();
  ASSERT_THAT(Run({"cleanup"}), ExitsWith(0));
  for (const auto& [put, times] : PutsByDigest(NewRequests(private_))) {
    EXPECT_THAT(put, EndsWith(" 201"));
    EXPECT_EQ(times, 1) << put;
  }
  EXPECT_THAT(Tags(private_, "mirrors/alpine"), ElementsAre("3.24.0"));
  ExpectAll("archive/mirrors/alpine");
}

}  // namespace
}  // namespace imglife
