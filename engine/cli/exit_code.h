// Exit codes (plan-apply.md, "Exit codes").
#pragma once

#include "engine/apply/apply.h"
#include "engine/plan/plan.h"

namespace imglife {

enum ExitCode : int {
  kExitOk = 0,
  kExitError = 1,
  kExitPending = 2,
  kExitBlocked = 3,
  kExitUnusablePlan = 4,
  kExitUsage = 64,
  kExitInterrupted = 130,
  kExitTerminated = 143,
};

// Of `plan`: errors win; `detailed` tells pending changes apart from none.
inline int PlanExitCode(const Plan& plan, bool detailed) {
  const PlanSummary summary = Summarize(plan);
  if (!plan.errors.empty()) return kExitError;
  if (!detailed || summary.empty()) return kExitOk;
  return summary.add + summary.change + summary.destroy > 0 ? kExitPending : kExitBlocked;
}

// Of an apply that was not stopped by a signal.
inline int ApplyExitCode(const Plan& plan, const ApplyCounts& counts) {
  const int hooks_failed = counts.hooks_failed - counts.hooks_excused;
  if (!plan.errors.empty() ||
      counts.failed + counts.skipped + hooks_failed + counts.interrupted + counts.cancelled > 0) {
    return kExitError;
  }
  return counts.blocked > 0 ? kExitBlocked : kExitOk;
}

}  // namespace imglife
