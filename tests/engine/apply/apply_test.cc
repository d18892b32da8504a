#include "engine/apply/apply.h"

#include <functional>
#include <latch>
#include <map>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/engine/apply/memory_journal.h"
#include "tests/engine/plan/plan_maker.h"
#include "tests/support/fake_registry.h"
#include "tests/support/image_maker.h"

namespace imglife {
namespace {

const Repository kBases{Repository::Kind::kDistribution, "r.test", "bases/alpine"};
constexpr char kCopy[] = "copy r.test/mirrors/alpine:3";
constexpr char kDelete[] = "delete r.test/bases/alpine:1";

class Observer : public ApplyObserver {
 public:
  void OnStart(const Plan&) override {}
  void OnActionStart(const Action&) override {}
  void OnActionEnd(const Action& action, const ActionResult& result) override {
    states[action.Address()] = result.state;
    if (on_end) on_end(action);
  }

  std::map<std::string, ResultState> states;
  std::function<void(const Action&)> on_end;
};

// A deletion, and a copy that fails as its source isn't there.
class ApplyTest : public ::testing::Test {
 protected:
  ApplyTest() {
    ImageSpec spec;
    const TestImage old = MakeImage(spec);
    registry_.AddImage(kBases, "1", old);
    Action deletion = MakeDelete("r.test/bases/alpine:1");
    deletion.before = old.manifest.digest.str();
    plan_ = MakePlanOf({MakeCopy("r.test/mirrors/alpine:3"), deletion});
  }

  void Apply(int max_failures) {
    const auto memo = MakeRegistryMemo(registry_);
    const auto blobs = MakeBlobCopies(*memo, stop_);
    ManifestCopies manifests;
    RepositoryUses uses(*memo);
    TagsAtStart at_start(*memo);
    const MinKeep min_keep(plan_, config_);
    const ApplyTools tools{.config = &config_,
                           .registry = memo.get(),
                           .world = &world_,
                           .journal = &journal_,
                           .blobs = blobs.get(),
                           .manifests = &manifests,
                           .stop = &stop_,
                           .uses = &uses,
                           .at_start = &at_start,
                           .min_keep = &min_keep};
    ApplyOptions options;
    options.limits.max_failures = max_failures;
    imglife::Apply(plan_, options, tools, observer_);
  }

  // While the deletion still reads.
  void BeforeItDeletes(const std::function<void()>& what) {
    registry_.OnCall([what](const RegistryCall& call) {
      if (call.method == "Probe") what();
    });
  }

  FakeRegistry registry_;
  MemoryJournal journal_{registry_};
  World world_;
  Config config_;
  Plan plan_;
  std::atomic<bool> stop_{false};
  Observer observer_;
};

TEST_F(ApplyTest, ADeletionThatHasNotBegunEndsWithTheRun) {
  BeforeItDeletes([this] { stop_ = true; });
  Apply(0);
  EXPECT_EQ(observer_.states.at(kDelete), ResultState::kCancelled);
  EXPECT_EQ(registry_.Tags(kBases).count("1"), 1u);
}

TEST_F(ApplyTest, ADeletionThatHasNotBegunEndsWithTooManyFailures) {
  for (const int max_failures : {1, 2}) {
    std::latch failed{1};
    observer_.on_end = [&](const Action& action) {
      if (action.kind == ActionKind::kCopy) failed.count_down();
    };
    BeforeItDeletes([&] { failed.wait(); });
    Apply(max_failures);
    EXPECT_EQ(observer_.states.at(kCopy), ResultState::kFailed);
    EXPECT_EQ(observer_.states.at(kDelete),
              max_failures == 1 ? ResultState::kCancelled : ResultState::kOk);
    EXPECT_EQ(registry_.Tags(kBases).count("1"), max_failures == 1 ? 1u : 0u);
  }
}

}  // namespace
}  // namespace imglife
