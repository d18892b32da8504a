#include "engine/observe/registry_memo.h"

#include <barrier>
#include <thread>

#include "gmock/gmock.h"

#include "tests/engine/observe/registry_memo_fixture.h"
#include "tests/support/byte_readers.h"

namespace imglife {
namespace {

using ::testing::Each;

struct Question {
  const char* name;
  // Text that tells answers apart, or the status.
  std::function<std::string(Registry& registry, const Repository& repository)> ask;
};

class QuestionTest : public RegistryMemoTest, public ::testing::WithParamInterface<Question> {
 protected:
  std::string Ask(const Repository& repository) { return GetParam().ask(*memo_, repository); }
};

TEST_P(QuestionTest, IsAskedOnceForEachRepository) {
  const std::string answer = Ask(kApp);
  EXPECT_EQ(answer, GetParam().ask(world_, kApp));
  EXPECT_EQ(Cost([&] { EXPECT_EQ(Ask(kApp), answer); }), 0u);
  EXPECT_EQ(Cost([&] { Ask(kOther); }), 1u);
}

TEST_P(QuestionTest, OfManyAtOnceIsAskedOnce) {
  constexpr int kThreads = 16;
  std::barrier together(kThreads);
  std::vector<std::string> answers(kThreads);
  EXPECT_EQ(Cost([&] {
              std::vector<std::thread> threads;
              for (std::string& answer : answers) {
                threads.emplace_back([&] {
                  together.arrive_and_wait();
                  answer = Ask(kApp);
                });
              }
              for (std::thread& thread : threads) thread.join();
            }),
            1u);
  EXPECT_THAT(answers, Each(GetParam().ask(world_, kApp)));
}

TEST_P(QuestionTest, ThatFailedHasFailedForGood) {
  world_.Inject({.status = absl::UnavailableError("down for a moment")});
  EXPECT_EQ(Ask(kApp), "UNAVAILABLE: down for a moment");
  EXPECT_EQ(Cost([&] { EXPECT_EQ(Ask(kApp), "UNAVAILABLE: down for a moment"); }), 0u);
  EXPECT_EQ(Ask(kOther), GetParam().ask(world_, kOther));
}

TEST_P(QuestionTest, ToFreshIsAskedAgainAndNotKept) {
  const std::string before = Ask(kApp);
  world_.Inject({.status = absl::UnavailableError("now")});
  EXPECT_EQ(GetParam().ask(memo_->Fresh(), kApp), "UNAVAILABLE: now");
  EXPECT_EQ(Ask(kApp), before);
}

TEST_P(QuestionTest, IsAskedAgainWhereSomethingElseChanged) {
  Ask(kApp);
  Ask(kOther);
  memo_->Changed(kApp);
  EXPECT_EQ(Cost([&] { Ask(kOther); }), 0u);
  EXPECT_EQ(Cost([&] { Ask(kApp); }), 1u);
}

INSTANTIATE_TEST_SUITE_P(
    Registry, QuestionTest,
    ::testing::Values(
        Question{"ListTags", ListTags},
        Question{"Resolve", [](auto& registry, auto& at) { return Resolve(registry, at, "1"); }},
        Question{"ResolveByDigest",
                 [](auto& registry, auto& at) { return Resolve(registry, at, OneDigest()); }},
        Question{"GetManifest",
                 [](auto& registry, auto& at) { return GetManifest(registry, at, "1"); }},
        Question{"GetManifestByDigest",
                 [](auto& registry, auto& at) { return GetManifest(registry, at, OneDigest()); }},
        Question{"ListReferrers", ListReferrers}),
    [](const auto& test) { return test.param.name; });

TEST_F(RegistryMemoTest, AManifestGotByTagAnswersByDigestAndWhatTheTagIs) {
  GetManifest(*memo_, kApp, "1");
  EXPECT_EQ(Cost([&] {
              EXPECT_EQ(GetManifest(*memo_, kApp, OneDigest()), OneDigest());
              const auto resolved = memo_->Resolve(kApp, "1");
              ASSERT_TRUE(resolved.ok());
              EXPECT_EQ(resolved->digest, One().manifest.digest);
              EXPECT_EQ(resolved->media_type, One().manifest.media_type);
              EXPECT_EQ(resolved->size, One().ToDescriptor().size);
            }),
            0u);
}

TEST_F(RegistryMemoTest, AManifestGotByDigestSaysNothingOfTags) {
  GetManifest(*memo_, kApp, OneDigest());
  EXPECT_EQ(Cost([&] { GetManifest(*memo_, kApp, "1"); }), 1u);
}

TEST_F(RegistryMemoTest, AConfigIsFetchedOnceForAllRepositories) {
  const Descriptor config = ConfigOf(One());
  EXPECT_EQ(
      Cost([&] { EXPECT_EQ(*memo_->GetConfig(kApp, config), One().blobs.at(config.digest)); }), 1u);
  EXPECT_EQ(
      Cost([&] { EXPECT_EQ(memo_->GetConfig(kOther, config), memo_->GetConfig(kApp, config)); }),
      0u);
  EXPECT_EQ(Cost([&] {
              EXPECT_TRUE(absl::IsNotFound(memo_->GetConfig(kApp, ConfigOf(Two())).status()));
            }),
            1u);
}

TEST_F(RegistryMemoTest, ALargeConfigIsRefusedUnread) {
  Descriptor config = ConfigOf(One());
  config.size = (std::int64_t{4} << 20) + 1;
  EXPECT_TRUE(absl::IsResourceExhausted(memo_->GetConfig(kApp, config).status()));
}

TEST_F(RegistryMemoTest, WhatChangesWithEachAnswerIsNotKept) {
  const Descriptor config = ConfigOf(One());
  const std::string bytes = One().blobs.at(config.digest);
  const std::vector<std::function<void()>> asks = {
      [&] { EXPECT_TRUE(*memo_->BlobExists(kApp, config.digest)); },
      [&] { EXPECT_EQ(*ReadAll(**memo_->GetBlob(kApp, config)), bytes); },
      [&] { EXPECT_TRUE(memo_->PushBlob(kApp, config, SourceOf(bytes), {}).ok()); },
      [&] { EXPECT_TRUE(memo_->Probe(kApp)->deletes_manifests); }};
  for (const auto& ask : asks) {
    EXPECT_EQ(Cost(ask), 1u);
    EXPECT_EQ(Cost(ask), 1u);
  }
}

}  // namespace
}  // namespace imglife
