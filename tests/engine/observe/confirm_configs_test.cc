#include "engine/observe/confirm_configs.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/observe/read_images.h"
#include "tests/engine/observe/config_maker.h"
#include "tests/engine/observe/index_of_two.h"
#include "tests/support/fake_registry.h"

namespace imglife {
namespace {

using ::testing::IsEmpty;

Digest ConfigOf(const ManifestBytes& manifest) {
  return ParseManifest(manifest.media_type, manifest.content)->config.digest;
}

class ConfirmConfigsTest : public ::testing::Test {
 protected:
  void Add(const Repository& repository, const std::string& tag, const TestImage& image) {
    registry_.AddImage(repository, tag, image);
    ObservedRepository& there = observed_.repositories[repository];
    there.listed = true;
    there.tags.push_back(tag);
    auto read = std::move(ReadImages(*memo_, {{repository, tag, true}}).front());
    ASSERT_TRUE(read.ok()) << read.status();
    there.resolved.insert_or_assign(tag, ObservedTag{read->digest, std::nullopt});
    observed_.images.insert_or_assign(ImageKey{repository, read->digest}, std::move(read));
  }

  void Confirm(const std::set<Repository>& repositories) {
    registry_.ForgetCalls();
    ConfirmConfigs(repositories, *memo_, observed_);
  }

  absl::Status StatusOf(const Repository& repository, const std::string& tag) const {
    return observed_.repositories.at(repository).resolved.at(tag).status();
  }

  FakeRegistry registry_;
  const std::unique_ptr<RegistryMemo> memo_ = MakeRegistryMemo(registry_);
  Observed observed_;
};

TEST_F(ConfirmConfigsTest, EachConfigIsAskedForOnceAndNothingElse) {
  Add(kApp, "1", IndexOfTwo("one"));
  Add(kApp, "one", IndexOfTwo("one"));
  Add(kApp, "2", MakeImage({.name = "two"}));
  Add(kLib, "1", MakeImage({.name = "lib"}));
  Confirm({kApp});
  EXPECT_EQ(registry_.CountCalls("BlobExists", "r.test/bases/app"), 3U);
  EXPECT_EQ(registry_.CountCalls(""), 3U);
  EXPECT_TRUE(StatusOf(kApp, "1").ok());
  EXPECT_EQ(observed_.images.size(), 3U);
  Confirm({});
  EXPECT_THAT(registry_.Calls(), IsEmpty());
}

TEST_F(ConfirmConfigsTest, AnImageWithoutItsConfigIsNotReadUnderAnyOfItsTags) {
  const TestImage broken = IndexOfTwo("broken");
  Add(kApp, "1", IndexOfTwo("one"));
  Add(kApp, "2", broken);
  Add(kApp, "two", broken);
  Add(kLib, "2", broken);
  const Digest lost = ConfigOf(broken.children[1]);
  registry_.RemoveContent(kApp, lost);
  Confirm({kApp, kLib});
  EXPECT_TRUE(StatusOf(kApp, "1").ok());
  EXPECT_TRUE(StatusOf(kLib, "2").ok());
  EXPECT_EQ(observed_.images.count({kApp, broken.manifest.digest}), 0U);
  for (const char* tag : {"2", "two"}) {
    // As if nothing had been known.
    const auto fresh = MakeRegistryMemo(registry_);
    EXPECT_EQ(StatusOf(kApp, tag), ReadImages(*fresh, {{kApp, tag, true}}).front().status());
    EXPECT_TRUE(absl::IsDataLoss(StatusOf(kApp, tag)));
  }
}

TEST_F(ConfirmConfigsTest, WhatCannotBeAskedIsNotThere) {
  Add(kApp, "1", IndexOfTwo("one"));
  registry_.Inject({.method = "BlobExists", .status = absl::UnavailableError("503")});
  Confirm({kApp});
  EXPECT_EQ(StatusOf(kApp, "1"), absl::UnavailableError("503"));
}

TEST_F(ConfirmConfigsTest, OtherArtifactsHaveNoImageConfig) {
  TestImage chart;
  chart.manifest.media_type = "application/vnd.oci.image.manifest.v1+json";
  const std::string config = "{}";
  const Digest digest = Digest::OfBytes(config);
  chart.blobs[digest] = config;
  chart.manifest.content =
      R"({"schemaVersion":2,"config":{"mediaType":"application/vnd.cncf.helm.config.v1+json","digest":")" +
      digest.str() + R"(","size":2},"layers":[]})";
  chart.manifest.digest = Digest::OfBytes(chart.manifest.content);
  Add(kApp, "chart", chart);
  Confirm({kApp});
  EXPECT_THAT(registry_.Calls(), IsEmpty());
}

}  // namespace
}  // namespace imglife
