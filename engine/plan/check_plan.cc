#include <string>
#include <unordered_set>
#include <utility>

#include "fmt/format.h"

#include "engine/plan/plan_json.h"

namespace imglife {
namespace {

absl::Status CheckNeeds(const Action& action, const std::string& address,
                        const std::unordered_set<std::string>& before,
                        const std::unordered_set<std::string>& all) {
  for (std::size_t i = 0; i < action.needs.size(); ++i) {
    const std::string& need = action.needs[i].address;
    if (before.count(need) == 0) {
      return absl::InvalidArgumentError(
          all.count(need) == 0
              ? fmt::format("\"{}\" needs \"{}\", which isn't in the plan", address, need)
              : fmt::format("\"{}\" stands before \"{}\", which it needs", address, need));
    }
    if (i > 0 && action.needs[i - 1].address >= need) {
      return absl::InvalidArgumentError(
          fmt::format("the needs of \"{}\" are not sorted by address, each once", address));
    }
  }
  for (const std::string& trigger : action.hook.triggers) {
    if (before.count(trigger) > 0) continue;
    return absl::InvalidArgumentError(
        fmt::format("\"{}\" is triggered by \"{}\", which doesn't stand before it in the "
                    "plan",
                    address, trigger));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckConsistent(const Plan& plan, const PlanSummary& stated) {
  std::unordered_set<std::string> all;
  for (const Action& action : plan.actions) {
    if (all.insert(action.Address()).second) continue;
    return absl::InvalidArgumentError(
        fmt::format("the action \"{}\" is there twice", action.Address()));
  }
  std::unordered_set<std::string> before;
  for (const Action& action : plan.actions) {
    std::string address = action.Address();
    const absl::Status needs = CheckNeeds(action, address, before, all);
    if (!needs.ok()) return needs;
    before.insert(std::move(address));
  }
  const PlanSummary counted = Summarize(plan);
  if (counted == stated) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format(
      "summary: says add {}, change {}, destroy {}, blocked {}, and the actions are {}, {}, {}, {}",
      stated.add, stated.change, stated.destroy, stated.blocked, counted.add, counted.change,
      counted.destroy, counted.blocked));
}

}  // namespace imglife
