#include "providers/registry/cache/cached_registry.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/providers/registry/cache/cache_fixture.h"
#include "tests/support/byte_readers.h"
#include "tests/support/fake_registry.h"

namespace imglife {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class CachedRegistryTest : public CacheDirectoryTest {
 protected:
  // One run of the program: it knows nothing of those before but what the cache has.
  struct OneRun {
    OneRun(FakeRegistry& fake, const ContentCache::Settings& settings) : cache(settings) {
      registry = MakeCachedRegistry(fake, cache);
    }
    Registry* operator->() const { return registry.get(); }
    Registry& operator*() const { return *registry; }

    ContentCache cache;
    std::unique_ptr<Registry> registry;
  };

  OneRun Start() {
    fake_.ForgetCalls();
    return {fake_, {.directory = directory()}};
  }

  static TestImage OneImage(const std::string& name) {
    ImageSpec spec;
    spec.name = name;
    return MakeImage(spec);
  }

  static TestImage TwoPlatforms(const std::string& name) {
    IndexSpec index;
    for (const char* platform : {"linux/amd64", "linux/arm64"}) {
      ImageSpec spec;
      spec.name = name;
      spec.platform = platform;
      index.images.push_back(spec);
    }
    return MakeIndex(index);
  }

  static Descriptor ConfigOf(const ManifestBytes& manifest) {
    return ParseManifest(manifest.media_type, manifest.content)->config;
  }

  // The bytes, or the code of the failure.
  static std::string Read(Registry& registry, const Repository& repository,
                          const Descriptor& blob) {
    const auto content = ReadSmallBlob(registry, repository, blob, std::size_t{1} << 20);
    return content.ok() ? *content : absl::StatusCodeToString(content.status().code());
  }

  // Everything of it is in the cache afterwards.
  void ReadWhole(const Repository& repository, const std::string& tag, const TestImage& image) {
    const OneRun run = Start();
    ASSERT_TRUE(run->GetManifest(repository, tag).ok());
    std::vector<ManifestBytes> manifests = image.children;
    if (manifests.empty()) manifests.push_back(image.manifest);
    for (const ManifestBytes& manifest : manifests) {
      ASSERT_TRUE(run->GetManifest(repository, manifest.digest.str()).ok());
      const Descriptor config = ConfigOf(manifest);
      ASSERT_EQ(Read(*run, repository, config), image.blobs.at(config.digest));
    }
  }

  // What was asked, "METHOD ARGUMENT" each.
  std::vector<std::string> Asked() const {
    std::vector<std::string> asked;
    for (const RegistryCall& call : fake_.Calls()) {
      asked.push_back(call.method + " " + call.argument);
    }
    return asked;
  }

  FakeRegistry fake_;
  const Repository app_{Repository::Kind::kDistribution, "registry.example.com", "app"};
  const Repository other_{Repository::Kind::kDistribution, "registry.example.com", "other"};
};

TEST_F(CachedRegistryTest, WhatIsNewIsGotAsWithoutACache) {
  const TestImage image = OneImage("app");
  fake_.AddImage(app_, "1.0", image);
  const OneRun run = Start();
  const auto manifest = run->GetManifest(app_, "1.0");
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  EXPECT_EQ(manifest->content, image.manifest.content);
  const Descriptor config = ConfigOf(image.manifest);
  EXPECT_EQ(Read(*run, app_, config), image.blobs.at(config.digest));
  EXPECT_THAT(Asked(), ElementsAre("GetManifest 1.0", "GetBlob " + config.digest.str()));
}

TEST_F(CachedRegistryTest, TheNextRunAsksOneHeadForATag) {
  const TestImage image = OneImage("app");
  fake_.AddImage(app_, "1.0", image);
  ReadWhole(app_, "1.0", image);
  const OneRun run = Start();
  const auto manifest = run->GetManifest(app_, "1.0");
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  EXPECT_EQ(manifest->content, image.manifest.content);
  EXPECT_EQ(manifest->media_type, image.manifest.media_type);
  EXPECT_EQ(manifest->digest, image.manifest.digest);
  const Descriptor config = ConfigOf(image.manifest);
  EXPECT_EQ(Read(*run, app_, config), image.blobs.at(config.digest));
  EXPECT_THAT(Asked(), ElementsAre("Resolve 1.0"));
}

TEST_F(CachedRegistryTest, ADigestIsConfirmedByOneHeadInEachRepository) {
  const TestImage image = OneImage("app");
  fake_.AddImage(app_, "1.0", image);
  fake_.AddImage(other_, "", image);
  ReadWhole(app_, "1.0", image);
  const OneRun run = Start();
  const std::string digest = image.manifest.digest.str();
  for (const Repository& repository : {app_, other_}) {
    const auto manifest = run->GetManifest(repository, digest);
    ASSERT_TRUE(manifest.ok()) << manifest.status();
    EXPECT_EQ(manifest->content, image.manifest.content);
  }
  EXPECT_THAT(Asked(), ElementsAre("Resolve " + digest, "Resolve " + digest));
}

TEST_F(CachedRegistryTest, ATagThatMovedIsWhatItIsNow) {
  const TestImage old = OneImage("old");
  const TestImage known = OneImage("known");
  const TestImage unknown = OneImage("unknown");
  fake_.AddImage(app_, "1.0", old);
  fake_.AddImage(app_, "1.1", known);
  ReadWhole(app_, "1.0", old);
  ReadWhole(app_, "1.1", known);

  fake_.AddImage(app_, "1.0", known);
  EXPECT_EQ(Start()->GetManifest(app_, "1.0")->content, known.manifest.content);
  EXPECT_THAT(Asked(), ElementsAre("Resolve 1.0"));

  fake_.AddImage(app_, "1.0", unknown);
  EXPECT_EQ(Start()->GetManifest(app_, "1.0")->content, unknown.manifest.content);
  EXPECT_THAT(Asked(), ElementsAre("Resolve 1.0", "GetManifest 1.0"));

  EXPECT_EQ(Start()->GetManifest(app_, "1.0")->content, unknown.manifest.content);
  EXPECT_THAT(Asked(), ElementsAre("Resolve 1.0"));
}

TEST_F(CachedRegistryTest, WhatIsGoneFromTheRegistryIsNotFound) {
  const TestImage index = TwoPlatforms("app");
  fake_.AddImage(app_, "1.0", index);
  ReadWhole(app_, "1.0", index);
  const Digest child = index.children.front().digest;
  fake_.RemoveContent(app_, child);

  const OneRun run = Start();
  EXPECT_TRUE(run->GetManifest(app_, "1.0").ok());
  EXPECT_TRUE(absl::IsNotFound(run->GetManifest(app_, child.str()).status()));
  EXPECT_TRUE(run->GetManifest(app_, index.children.back().digest.str()).ok());
  EXPECT_TRUE(absl::IsNotFound(run->Resolve(app_, child.str()).status()));

  fake_.RemoveTag(app_, "1.0");
  EXPECT_TRUE(absl::IsNotFound(Start()->GetManifest(app_, "1.0").status()));
  EXPECT_TRUE(absl::IsNotFound(Start()->GetManifest(other_, "1.0").status()));
}

TEST_F(CachedRegistryTest, WhatWeMayNotReadIsRefused) {
  const TestImage image = OneImage("app");
  fake_.AddImage(app_, "1.0", image);
  ReadWhole(app_, "1.0", image);
  RegistryFailure refusal;
  refusal.times = 1000;
  refusal.status = absl::PermissionDeniedError("not for you");
  fake_.Inject(refusal);
  const OneRun run = Start();
  for (const std::string& name : {std::string("1.0"), image.manifest.digest.str()}) {
    EXPECT_TRUE(absl::IsPermissionDenied(run->GetManifest(app_, name).status())) << name;
  }
  EXPECT_EQ(Read(*run, app_, ConfigOf(image.manifest)), "PERMISSION_DENIED");
}

TEST_F(CachedRegistryTest, ARegistryThatDoesNotAnswerIsAskedOnce) {
  const TestImage image = OneImage("app");
  fake_.AddImage(app_, "1.0", image);
  ReadWhole(app_, "1.0", image);
  fake_.Inject({.method = "Resolve", .repository = "", .argument = ""});
  EXPECT_TRUE(absl::IsUnavailable(Start()->GetManifest(app_, "1.0").status()));
  EXPECT_THAT(Asked(), ElementsAre("Resolve 1.0"));
}

TEST_F(CachedRegistryTest, WhereHeadIsRefusedGetDecides) {
  const TestImage image = OneImage("app");
  fake_.AddImage(app_, "1.0", image);
  ReadWhole(app_, "1.0", image);
  RegistryFailure refusal{.method = "Resolve", .repository = "", .argument = ""};
  refusal.status = absl::InvalidArgumentError("no digest");
  fake_.Inject(refusal);
  EXPECT_TRUE(Start()->GetManifest(app_, "1.0").ok());
  EXPECT_THAT(Asked(), ElementsAre("Resolve 1.0", "GetManifest 1.0"));
}

TEST_F(CachedRegistryTest, AConfigIsForWhoSawItsManifestThere) {
  const TestImage image = OneImage("app");
  const Descriptor config = ConfigOf(image.manifest);
  fake_.AddImage(app_, "1.0", image);
  ReadWhole(app_, "1.0", image);

  const OneRun run = Start();
  EXPECT_EQ(Read(*run, other_, config), "NOT_FOUND") << "another repository";
  EXPECT_EQ(Read(*run, app_, config), image.blobs.at(config.digest));
  EXPECT_EQ(fake_.CountCalls("GetBlob"), 2U) << "its manifest was not seen in this run";
  ASSERT_TRUE(run->GetManifest(app_, "1.0").ok());
  EXPECT_EQ(Read(*run, app_, config), image.blobs.at(config.digest));
  EXPECT_EQ(Read(*run, other_, config), "NOT_FOUND");
  EXPECT_EQ(fake_.CountCalls("GetBlob"), 3U);
}

TEST_F(CachedRegistryTest, WhetherABlobExistsIsAskedAlways) {
  const TestImage image = OneImage("app");
  const Descriptor config = ConfigOf(image.manifest);
  fake_.AddImage(app_, "1.0", image);
  ReadWhole(app_, "1.0", image);
  fake_.RemoveContent(app_, config.digest);
  const OneRun run = Start();
  ASSERT_TRUE(run->GetManifest(app_, "1.0").ok());
  EXPECT_EQ(run->BlobExists(app_, config.digest).value_or(true), false);
  const auto pushed =
      run->PushBlob(app_, config, SourceOf(image.blobs.at(config.digest)), PushBlobOptions());
  ASSERT_TRUE(pushed.ok()) << pushed.status();
  EXPECT_EQ(*pushed, PushOutcome::kUploaded);
}

TEST_F(CachedRegistryTest, LayersAreNotKept) {
  const TestImage image = OneImage("app");
  fake_.AddImage(app_, "1.0", image);
  const auto manifest = ParseManifest(image.manifest.media_type, image.manifest.content);
  for (int i = 0; i < 2; ++i) {
    const OneRun run = Start();
    ASSERT_TRUE(run->GetManifest(app_, "1.0").ok());
    for (const Descriptor& layer : manifest->layers) {
      EXPECT_EQ(Read(*run, app_, layer), image.blobs.at(layer.digest));
    }
    EXPECT_EQ(fake_.CountCalls("GetBlob"), manifest->layers.size());
  }
}

TEST_F(CachedRegistryTest, AConfigThatBrokeOffIsNotKept) {
  const TestImage image = OneImage("app");
  const Descriptor config = ConfigOf(image.manifest);
  fake_.AddImage(app_, "1.0", image);
  fake_.Inject({.method = "ReadBlob", .repository = "", .argument = ""});
  for (const std::string& expected : {std::string("UNAVAILABLE"), image.blobs.at(config.digest)}) {
    const OneRun run = Start();
    ASSERT_TRUE(run->GetManifest(app_, "1.0").ok());
    EXPECT_EQ(Read(*run, app_, config), expected);
    EXPECT_EQ(fake_.CountCalls("GetBlob"), 1U);
  }
}

TEST_F(CachedRegistryTest, AConfigOfAnotherSizeThanPromisedIsDataLoss) {
  const TestImage image = OneImage("app");
  fake_.AddImage(app_, "1.0", image);
  ReadWhole(app_, "1.0", image);
  const OneRun run = Start();
  ASSERT_TRUE(run->GetManifest(app_, "1.0").ok());
  Descriptor config = ConfigOf(image.manifest);
  ++config.size;
  EXPECT_EQ(Read(*run, app_, config), "DATA_LOSS");
}

TEST_F(CachedRegistryTest, ABrokenEntryIsGotAgain) {
  const TestImage image = OneImage("app");
  const Descriptor config = ConfigOf(image.manifest);
  fake_.AddImage(app_, "1.0", image);
  ReadWhole(app_, "1.0", image);
  for (const Digest& digest : {image.manifest.digest, config.digest}) {
    ASSERT_TRUE(WriteFileAtomically(FileOf(digest), "{}").ok());
  }
  {
    const OneRun run = Start();
    EXPECT_EQ(run->GetManifest(app_, "1.0")->content, image.manifest.content);
    EXPECT_EQ(Read(*run, app_, config), image.blobs.at(config.digest));
    EXPECT_EQ(fake_.CountCalls("GetManifest"), 1U);
    EXPECT_EQ(fake_.CountCalls("GetBlob"), 1U);
  }
  const OneRun run = Start();
  EXPECT_EQ(run->GetManifest(app_, "1.0")->content, image.manifest.content);
  EXPECT_EQ(Read(*run, app_, config), image.blobs.at(config.digest));
  EXPECT_THAT(Asked(), ElementsAre("Resolve 1.0"));
}

TEST_F(CachedRegistryTest, RefreshingGetsEverythingAgain) {
  const TestImage image = OneImage("app");
  const Descriptor config = ConfigOf(image.manifest);
  fake_.AddImage(app_, "1.0", image);
  ReadWhole(app_, "1.0", image);
  fake_.ForgetCalls();
  const OneRun run(fake_, {.directory = directory(), .refresh = true});
  ASSERT_TRUE(run->GetManifest(app_, "1.0").ok());
  EXPECT_EQ(Read(*run, app_, config), image.blobs.at(config.digest));
  EXPECT_EQ(fake_.CountCalls("GetManifest"), 1U);
  EXPECT_EQ(fake_.CountCalls("Resolve"), 0U);
  EXPECT_EQ(fake_.CountCalls("GetBlob"), 1U);
}

TEST_F(CachedRegistryTest, ReadingNeverWritesToTheRegistry) {
  const TestImage image = TwoPlatforms("app");
  fake_.AddImage(app_, "1.0", image);
  ReadWhole(app_, "1.0", image);
  ReadWhole(app_, "1.0", image);
  EXPECT_THAT(fake_.Writes(), IsEmpty());
}

}  // namespace
}  // namespace imglife
