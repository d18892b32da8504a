#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "engine/apply/executors.h"
#include "tests/engine/plan/plan_maker.h"
#include "tests/support/fake_registry.h"
#include "tests/support/image_maker.h"

namespace imglife {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Repository kRepository{Repository::Kind::kDistribution, "r.test", "mirrors/alpine"};

// Remembers what was written, and what the world looked like then.
class MemoryJournal : public Journal {
 public:
  explicit MemoryJournal(FakeRegistry& world) : world_(world) {}

  absl::Status Intent(const Action&, const std::string&,
                      const std::vector<ManifestBytes>& manifests) override {
    writes_before_intent = world_.Writes().size();
    for (const ManifestBytes& manifest : manifests) kept.push_back(manifest.digest);
    return intent_status;
  }
  absl::Status Done(const Action&, const std::string&) override {
    ++done;
    return absl::OkStatus();
  }
  absl::Status Failed(const Action&, const std::string&) override {
    ++failed;
    return absl::OkStatus();
  }

  absl::Status intent_status;
  std::size_t writes_before_intent = 0;
  std::vector<Digest> kept;
  int done = 0;
  int failed = 0;

 private:
  FakeRegistry& world_;
};

TestImage Image(const std::string& name) {
  ImageSpec spec;
  spec.name = name;
  return MakeImage(spec);
}

class ExecuteDeleteTest : public ::testing::Test {
 protected:
  ActionResult Delete(const std::string& tag, const Digest& planned) {
    const auto memo = MakeRegistryMemo(world_);
    RepositoryUses uses(*memo);
    World world;
    ExecutionContext context;
    context.registry = memo.get();
    context.world = &world;
    context.journal = &journal_;
    context.uses = &uses;
    context.dry_run = dry_run_;
    const std::atomic<bool> stop{false};
    context.stop = &stop;
    const Config config;
    context.config = &config;
    Action action = MakeDelete("r.test/mirrors/alpine:" + tag);
    action.before = planned.str();
    return ExecuteDelete(action, context);
  }

  FakeRegistry world_;
  MemoryJournal journal_{world_};
  bool dry_run_ = false;
};

TEST_F(ExecuteDeleteTest, RemovesTheManifestThatNothingElseUses) {
  const TestImage image = Image("a");
  world_.AddImage(kRepository, "1", image);
  EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kOk);
  EXPECT_FALSE(world_.HasManifest(kRepository, image.manifest.digest));
  EXPECT_EQ(journal_.done, 1);
}

TEST_F(ExecuteDeleteTest, RemovesOnlyTheTagOfASharedDigest) {
  const TestImage image = Image("a");
  world_.AddImage(kRepository, "1", image);
  world_.AddImage(kRepository, "stable", image);
  EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kOk);
  EXPECT_EQ(world_.Tags(kRepository),
            (std::map<std::string, Digest>{{"stable", image.manifest.digest}}));
  EXPECT_EQ(world_.CountCalls("DeleteManifest"), 0u);
}

TEST_F(ExecuteDeleteTest, LeavesTheChildOfAnIndexAlone) {
  IndexSpec spec;
  spec.images = {{.name = "amd"}, {.name = "arm", .platform = "linux/arm64"}};
  const TestImage index = MakeIndex(spec);
  const TestImage child = MakeImage(spec.images[0]);
  ASSERT_EQ(child.manifest.digest, index.children[0].digest);
  world_.AddImage(kRepository, "multi", index);
  world_.AddImage(kRepository, "amd64", child);
  EXPECT_EQ(Delete("amd64", child.manifest.digest).state, ResultState::kOk);
  EXPECT_TRUE(world_.HasManifest(kRepository, child.manifest.digest));
  EXPECT_EQ(world_.Tags(kRepository).count("amd64"), 0u);
}

TEST_F(ExecuteDeleteTest, ATagThatMovedIsNotTouched) {
  const TestImage planned = Image("planned");
  const TestImage now = Image("now");
  world_.AddImage(kRepository, "1", now);
  const ActionResult result = Delete("1", planned.manifest.digest);
  EXPECT_EQ(result.state, ResultState::kBlocked);
  EXPECT_THAT(result.message, HasSubstr("plan again"));
  EXPECT_THAT(world_.Writes(), IsEmpty());
}

TEST_F(ExecuteDeleteTest, WhatIsGoneAlreadyIsSatisfied) {
  world_.AddRepository(kRepository);
  EXPECT_EQ(Delete("1", Image("a").manifest.digest).state, ResultState::kSatisfied);
  EXPECT_THAT(world_.Writes(), IsEmpty());
}

TEST_F(ExecuteDeleteTest, WhatCannotBeReadIsNotDeleted) {
  for (const char* method : {"ListTags", "Resolve", "GetManifest"}) {
    const TestImage image = Image("a");
    world_.AddImage(kRepository, "1", image);
    world_.AddImage(kRepository, "2", Image("b"));
    world_.Inject({.method = method, .times = 100});
    EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kFailed) << method;
    EXPECT_THAT(world_.Writes(), IsEmpty()) << method;
  }
}

TEST_F(ExecuteDeleteTest, AnUnreadableNeighbourBlocksToo) {
  const TestImage image = Image("a");
  const TestImage neighbour = Image("b");
  world_.AddImage(kRepository, "1", image);
  world_.AddImage(kRepository, "2", neighbour);
  world_.Inject(
      {.method = "GetManifest", .argument = neighbour.manifest.digest.str(), .times = 100});
  world_.Inject({.method = "GetManifest", .argument = "2", .times = 100});
  EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kFailed);
  EXPECT_THAT(world_.Writes(), IsEmpty());
}

TEST_F(ExecuteDeleteTest, IsJournaledBeforeItHappens) {
  const TestImage image = Image("a");
  world_.AddImage(kRepository, "1", image);
  Delete("1", image.manifest.digest);
  EXPECT_EQ(journal_.writes_before_intent, 0u);
  EXPECT_THAT(journal_.kept, ::testing::Contains(image.manifest.digest));
}

TEST_F(ExecuteDeleteTest, WithoutAJournalNothingHappens) {
  const TestImage image = Image("a");
  world_.AddImage(kRepository, "1", image);
  journal_.intent_status = absl::UnavailableError("disk full");
  EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kFailed);
  EXPECT_THAT(world_.Writes(), IsEmpty());
}

TEST_F(ExecuteDeleteTest, ADryRunOnlyLooks) {
  const TestImage image = Image("a");
  world_.AddImage(kRepository, "1", image);
  dry_run_ = true;
  EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kOk);
  EXPECT_THAT(world_.Writes(), IsEmpty());
}

TEST_F(ExecuteDeleteTest, WhereNoTagCanBeRemovedASharedDigestStays) {
  world_.SetCapabilities({.deletes_manifests = true, .untag = UntagMethod::kNone});
  const TestImage image = Image("a");
  world_.AddImage(kRepository, "1", image);
  world_.AddImage(kRepository, "stable", image);
  EXPECT_EQ(Delete("1", image.manifest.digest).state, ResultState::kBlocked);
  EXPECT_THAT(world_.Writes(), IsEmpty());
}

TEST_F(ExecuteDeleteTest, ASiblingThatIsGoneAfterwardsIsAFailure) {
  const TestImage image = Image("a");
  world_.AddImage(kRepository, "1", image);
  world_.AddImage(kRepository, "stable", image);
  world_.OnCall([this](const RegistryCall& call) {
    if (call.method == "Untag") world_.RemoveTag(kRepository, "stable");
  });
  const ActionResult result = Delete("1", image.manifest.digest);
  EXPECT_EQ(result.state, ResultState::kFailed);
  EXPECT_THAT(result.message, HasSubstr("stable"));
}

}  // namespace
}  // namespace imglife
