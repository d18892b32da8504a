#include "engine/plan/plan.h"

#include <algorithm>

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

const Action* FindAction(const Plan& plan, const std::string& address) {
  const auto found =
      std::find_if(plan.actions.begin(), plan.actions.end(),
                   [&](const Action& action) { return action.Address() == address; });
  return found == plan.actions.end() ? nullptr : &*found;
}

}  // namespace imglife
