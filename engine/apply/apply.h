// Carries out a plan.
#pragma once

#include <atomic>
#include <vector>

#include "engine/apply/events.h"
#include "engine/apply/executor.h"
#include "engine/apply/scheduler.h"

namespace imglife {

struct ApplyOptions {
  SchedulerLimits limits;
  bool withhold_deletions = false;
  bool dry_run = false;  // preconditions are read, nothing is changed
};

struct ApplyCounts {
  int added = 0, changed = 0, destroyed = 0;
  int satisfied = 0, failed = 0, skipped = 0, blocked = 0, withheld = 0, cancelled = 0,
      interrupted = 0;
  int hooks_run = 0, hooks_failed = 0, hooks_skipped = 0;
  int hooks_excused = 0;  // of those that failed: continue_on_error
};

// Every action of the plan ends in exactly one state, on every way out. One result for each, in the
// plan's order.
std::vector<ActionResult> Apply(const Plan& plan, const ApplyOptions& options,
                                const ApplyTools& tools, ApplyObserver& observer);

ApplyCounts Count(const Plan& plan, const std::vector<ActionResult>& results);

}  // namespace imglife
