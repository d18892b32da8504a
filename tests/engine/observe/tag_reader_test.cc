// What is asked about tags, and what becomes of the answers.
#include "engine/observe/tag_reader.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/engine/observe/config_maker.h"
#include "tests/support/fake_registry.h"

namespace imglife {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

class TagReaderTest : public ::testing::Test {
 protected:
  TagReaderTest() { registry_.AddImage(kApp, "1", image_); }

  TagReader Reader(std::set<Repository> dated = {}) {
    return TagReader(*memo_, lists_, std::move(dated), observed_);
  }

  std::vector<std::string> Methods() {
    std::vector<std::string> methods;
    for (const RegistryCall& call : registry_.Calls()) methods.push_back(call.method);
    registry_.ForgetCalls();
    return methods;
  }

  const TestImage image_ = MakeImage({.name = "app"});
  FakeRegistry registry_;
  const std::unique_ptr<RegistryMemo> memo_ = MakeRegistryMemo(registry_);
  Listings lists_;
  Observed observed_;
};

TEST_F(TagReaderTest, ADigestIsAskedForAlone) {
  TagReader reader = Reader();
  reader.AddDigest(kApp, "1");
  reader.Read();
  EXPECT_THAT(Methods(), ElementsAre("Resolve"));
  EXPECT_EQ(observed_.DigestOf(kApp, "1"), image_.manifest.digest);
  EXPECT_THAT(observed_.images, IsEmpty());
}

TEST_F(TagReaderTest, WhatIncludesAQuestionIsAskedInItsPlace) {
  TagReader reader = Reader();
  reader.AddDigest(kApp, "1");
  reader.AddImage({kApp, "1", false});
  reader.AddImage({kApp, "1", true});
  reader.Read();
  EXPECT_THAT(Methods(), Not(Contains("Resolve")));
  ASSERT_NE(observed_.FindImage(kApp, "1"), nullptr);
  EXPECT_TRUE(observed_.FindImage(kApp, "1")->created) << "read with its config";
}

TEST_F(TagReaderTest, AManifestTellsTheDigestAndNothingOfItsParts) {
  TagReader reader = Reader();
  reader.AddDigest(kApp, "1");
  reader.AddManifest(kApp, "1");
  reader.Read();
  EXPECT_THAT(Methods(), ElementsAre("GetManifest"));
  EXPECT_NE(observed_.FindManifest(kApp, "1"), nullptr);
  EXPECT_EQ(observed_.FindImage(kApp, "1"), nullptr);
}

TEST_F(TagReaderTest, NothingIsAskedTwice) {
  TagReader reader = Reader();
  reader.AddImage({kApp, "1", true});
  reader.Read();
  Methods();
  reader.Read();
  EXPECT_THAT(Methods(), IsEmpty());
}

TEST_F(TagReaderTest, WhatIsNotThereSaysSo) {
  TagReader reader = Reader();
  reader.AddDigest(kApp, "2");
  reader.AddManifest(kApp, "3");
  reader.AddImage({kApp, "4", true});
  reader.Read();
  for (const char* tag : {"2", "3", "4"}) {
    EXPECT_TRUE(absl::IsNotFound(observed_.repositories[kApp].resolved.at(tag).status())) << tag;
  }
}

TEST_F(TagReaderTest, WherePushesAreTheAgesOnlyTheyAre) {
  const absl::Time pushed = absl::FromUnixSeconds(1'700'000'000);
  TagList list;
  list.tags = {"1"};
  list.pushed["1"] = pushed;
  lists_[kApp] = list;
  TagReader reader = Reader({kApp});
  reader.AddImage({kApp, "1", true});
  reader.Read();
  EXPECT_EQ(observed_.repositories[kApp].resolved.at("1")->pushed, pushed);
  EXPECT_FALSE(observed_.FindImage(kApp, "1")->created);
}

}  // namespace
}  // namespace imglife
