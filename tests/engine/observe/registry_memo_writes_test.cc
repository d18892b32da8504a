// What a write makes the memo forget.
#include "gmock/gmock.h"

#include "tests/engine/observe/registry_memo_fixture.h"

namespace imglife {
namespace {

using ::testing::StartsWith;

TEST_F(RegistryMemoTest, APushForgetsTheTagAndTheList) {
  world_.AddImage(kApp, "", Two());
  world_.AddImage(kApp, "stays", One());
  AskAll(kApp);
  GetManifest(*memo_, kApp, "stays");
  AskAll(kOther);
  ASSERT_TRUE(memo_->PutManifest(kApp, "1", Two().manifest).ok());
  EXPECT_EQ(ListTags(*memo_, kApp), "1 stays");
  EXPECT_EQ(Resolve(*memo_, kApp, "1"), Two().manifest.digest.str());
  EXPECT_EQ(GetManifest(*memo_, kApp, "1"), Two().manifest.digest.str());
  EXPECT_EQ(Cost([&] { ListReferrers(*memo_, kApp); }), 1u);
  EXPECT_EQ(Cost([&] {
              GetManifest(*memo_, kApp, OneDigest());
              GetManifest(*memo_, kApp, "stays");
              AskAll(kOther);
            }),
            0u);
}

TEST_F(RegistryMemoTest, ANewTagIsInTheNextList) {
  EXPECT_EQ(ListTags(*memo_, kApp), "1");
  EXPECT_THAT(GetManifest(*memo_, kApp, "2"), StartsWith("NOT_FOUND"));
  ASSERT_TRUE(memo_->PutManifest(kApp, "2", One().manifest).ok());
  EXPECT_EQ(ListTags(*memo_, kApp), "1 2");
  EXPECT_EQ(GetManifest(*memo_, kApp, "2"), OneDigest());
}

TEST_F(RegistryMemoTest, AFailedPushForgetsTooAsItMayHaveHappened) {
  world_.AddImage(kApp, "", Two());
  GetManifest(*memo_, kApp, "1");
  world_.Inject({.method = "PutManifest", .after_effect = true});
  EXPECT_FALSE(memo_->PutManifest(kApp, "1", Two().manifest).ok());
  EXPECT_EQ(Resolve(*memo_, kApp, "1"), Two().manifest.digest.str());
}

TEST_F(RegistryMemoTest, ADeletionForgetsTheWholeRepository) {
  const std::vector<std::function<absl::Status()>> deletions = {
      [&] { return memo_->Untag(kApp, "1", One().manifest.digest); },
      [&] { return memo_->DeleteManifest(kApp, One().manifest.digest); }};
  for (const auto& remove : deletions) {
    world_.AddImage(kApp, "1", One());
    memo_->Changed(kApp);
    AskAll(kApp);
    AskAll(kOther);
    ASSERT_TRUE(remove().ok());
    EXPECT_EQ(Cost([&] { AskAll(kApp); }), 4u);
    EXPECT_EQ(ListTags(*memo_, kApp), "");
    EXPECT_THAT(Resolve(*memo_, kApp, "1"), StartsWith("NOT_FOUND"));
    EXPECT_EQ(Cost([&] { AskAll(kOther); }), 0u);
  }
}

TEST_F(RegistryMemoTest, APushByTagMakesItsDigestBeThere) {
  world_.RemoveContent(kApp, One().manifest.digest);
  EXPECT_NE(Resolve(*memo_, kApp, OneDigest()), OneDigest());
  EXPECT_NE(GetManifest(*memo_, kApp, OneDigest()), OneDigest());
  ASSERT_TRUE(memo_->PutManifest(kApp, "1", One().manifest).ok());
  EXPECT_EQ(Resolve(*memo_, kApp, OneDigest()), OneDigest());
  EXPECT_EQ(GetManifest(*memo_, kApp, OneDigest()), OneDigest());
}

TEST_F(RegistryMemoTest, AConfigThatCouldNotBeReadIsAskedAgainElsewhereAndLater) {
  world_.Inject({.method = "GetBlob",
                 .repository = kApp.ToString(),
                 .status = absl::PermissionDeniedError("r.test/bases/app: denied")});
  EXPECT_FALSE(memo_->GetConfig(kApp, ConfigOf(One())).ok());
  EXPECT_TRUE(memo_->GetConfig(kOther, ConfigOf(One())).ok());
  memo_->Changed(kApp);
  EXPECT_TRUE(memo_->GetConfig(kApp, ConfigOf(One())).ok());
}

}  // namespace
}  // namespace imglife
