// A tag that is copied from up.test/library/alpine:3 to r.test/mirrors/alpine:3, both of which are
// in one fake.
#pragma once

#include <atomic>
#include <string>

#include "gtest/gtest.h"

#include "engine/apply/executors.h"
#include "tests/engine/apply/memory_journal.h"
#include "tests/engine/apply/repositories.h"
#include "tests/engine/plan/plan_maker.h"
#include "tests/support/fake_registry.h"
#include "tests/support/image_maker.h"

namespace imglife {

class CopyTest : public ::testing::Test {
 protected:
  // The action as it was planned when the target's tag was `before`.
  static Action CopyOf(const TestImage& image, const std::string& before) {
    Action action = MakeCopy("r.test/mirrors/alpine:3");
    action.copy.source = {kSource, "3", image.manifest.digest};
    action.before = before;
    action.after = image.manifest.digest.str();
    return action;
  }

  ActionResult Execute(const Action& action) {
    const auto memo = MakeRegistryMemo(world_);
    TagsAtStart at_start(*memo);
    const auto blobs = MakeBlobCopies(*memo, stop_);
    ExecutionContext context;
    context.registry = memo.get();
    context.journal = &journal_;
    ManifestCopies manifests;
    context.blobs = blobs.get();
    context.manifests = &manifests;
    context.stop = &stop_;
    context.at_start = &at_start;
    context.dry_run = dry_run_;
    return ExecuteCopy(action, context);
  }

  FakeRegistry world_;
  MemoryJournal journal_{world_};
  std::atomic<bool> stop_{false};
  bool dry_run_ = false;
};

}  // namespace imglife
