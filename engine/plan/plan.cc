#include "engine/plan/plan.h"

namespace imglife {

PlanSummary Summarize(const Plan& plan) {
  PlanSummary summary;
  for (const Action& action : plan.actions) {
    if (action.kind == ActionKind::kHook) continue;
    if (action.blocked) {
      ++summary.blocked;
      continue;
    }
    switch (action.operation) {
      case Operation::kCreate:
        ++summary.add;
        break;
      case Operation::kUpdate:
        ++summary.change;
        break;
      case Operation::kDelete:
        ++summary.destroy;
        break;
      case Operation::kRun:
        break;
    }
  }
  return summary;
}

}  // namespace imglife
