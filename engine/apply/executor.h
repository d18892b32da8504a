// Carries out one action: one implementation per kind.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"

#include "engine/apply/copy_image.h"
#include "engine/apply/journal.h"
#include "engine/apply/manifest_copies.h"
#include "engine/apply/min_keep.h"
#include "engine/apply/planned_removal.h"
#include "engine/apply/repository_uses.h"
#include "engine/apply/result.h"
#include "engine/apply/tags_at_start.h"
#include "engine/observe/registry_memo.h"
#include "engine/observe/world.h"
#include "engine/plan/plan.h"
#include "schema/config/config.h"

namespace imglife {

// What an apply works with; all outlives it.
struct ApplyTools {
  const Config* config = nullptr;
  RegistryMemo* registry = nullptr;
  const World* world = nullptr;
  Journal* journal = nullptr;
  BlobCopies* blobs = nullptr;
  ManifestCopies* manifests = nullptr;
  // Nothing new starts once it is set, and transfers end at the next piece.
  const std::atomic<bool>* stop = nullptr;
  RepositoryUses* uses = nullptr;
  TagsAtStart* at_start = nullptr;
  const MinKeep* min_keep = nullptr;
};

// What executors work with; all outlives them. The functions may be called by any number of
// threads.
struct ExecutionContext : ApplyTools {
  const Plan* plan = nullptr;
  const PlannedRemovals* planned_removals = nullptr;
  bool dry_run = false;  // preconditions are read, nothing is changed
  // The action of the plan with that address, or null.
  std::function<const Action*(const std::string& address)> action_at;
  // How an action ended that this one needs: the digest that a base now has.
  std::function<ActionResult(const std::string& address)> result_of;
  // May an action of that kind which has started go on to its first change? Nothing may once the
  // run shall stop, and no deletion once too much has failed.
  std::function<bool(ActionKind kind)> may_begin;
  // Around what a copy transfers: waits until it may (false: it never may, as the run ends), and
  // makes room for another one. May be empty.
  std::function<bool(const Action& action)> begin_transfer;
  std::function<void(const Action& action)> end_transfer;
};

// Re-reads what it is about to change and follows the table of plan-apply.md ("observed now"),
// journals, changes, checks the post-condition. Never throws. Thread safety: one call per action;
// calls of different actions may run at once.
ActionResult Execute(const Action& action, const ExecutionContext& context);

}  // namespace imglife
