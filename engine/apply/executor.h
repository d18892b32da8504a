// Carries out one action: one implementation per kind.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"

#include "engine/apply/copy_image.h"
#include "engine/apply/journal.h"
#include "engine/apply/min_keep.h"
#include "engine/apply/referrer_copies.h"
#include "engine/apply/repository_uses.h"
#include "engine/apply/result.h"
#include "engine/apply/tags_at_start.h"
#include "engine/observe/registry_memo.h"
#include "engine/observe/world.h"
#include "engine/plan/plan.h"
#include "schema/config/config.h"

namespace imglife {

// What executors work with; all outlives them.
struct ExecutionContext {
  const Config* config = nullptr;
  const Plan* plan = nullptr;
  RegistryMemo* registry = nullptr;
  const World* world = nullptr;
  Journal* journal = nullptr;
  BlobCopies* blobs = nullptr;
  ReferrerCopies* referrers = nullptr;
  const std::atomic<bool>* stop = nullptr;  // nothing new starts once it is set
  // No deletion that has started begins to delete once it is set: `stop`, or too many failures.
  const std::atomic<bool>* no_deletion_begins = nullptr;
  RepositoryUses* uses = nullptr;
  TagsAtStart* at_start = nullptr;
  const MinKeep* min_keep = nullptr;
  // How an action ended that this one needs: the digest that a base now has.
  std::function<ActionResult(const std::string& address)> result_of;
  bool dry_run = false;  // preconditions are read, nothing is changed
};

// Re-reads what it is about to change and follows the table of plan-apply.md ("observed now"),
// journals, changes, checks the post-condition. Never throws. Thread safety: one call per action;
// calls of different actions may run at once.
ActionResult Execute(const Action& action, const ExecutionContext& context);

}  // namespace imglife
