// The plan: what would change, in which order and why (plan-apply.md, "plan" and "plan.json").
// Plain data.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "engine/plan/action.h"
#include "engine/plan/not_planned.h"

namespace imglife {

struct PlanSummary {
  int add = 0;
  int change = 0;
  int destroy = 0;
  int blocked = 0;

  // Hooks aren't changes.
  bool empty() const { return add + change + destroy + blocked == 0; }
  friend bool operator==(const PlanSummary&, const PlanSummary&) = default;
};

// What was seen of a repository: enough to show and compare plans without asking again.
struct SeenRepository {
  bool exists = true;
  std::map<std::string, std::string> tags;  // tag → digest, "" where it wasn't needed
};

// What the copies take of the pulls that their registry counts.
struct PlannedPulls {
  std::string registry;
  std::int64_t needed = 0;
  bool at_least = false;  // what some of the copies take isn't known
  std::int64_t remaining = 0;
  std::int64_t limit = 0;
  absl::Duration window;  // in which `limit` pulls may be made; whole seconds

  bool suffice() const { return needed <= remaining; }
};

struct Plan {
  std::string imglife_version;
  absl::Time created_at;
  absl::Time policy_now;
  absl::Time expires_at;
  std::string config_path;
  std::string config_digest;
  std::string config_git_commit;  // empty where there is none
  bool partial = false;           // --only or --exclude left something out
  // --only, or the command of a stage, left something out: what is blocked may lack what it would
  // wait for.
  bool narrowed = false;
  std::vector<std::string> filters;  // "--only copy": as given
  // What the filters took along and dropped besides: one sentence each.
  std::vector<std::string> filter_notes;
  // In topological order, ties by the bytes of the address.
  std::vector<Action> actions;
  std::vector<std::string> warnings;  // sorted
  // What could not be read: the plan is incomplete, shown, and not written; exit code 1. Sorted.
  std::vector<std::string> errors;
  // What those errors left without an action. Sorted; not part of a saved plan, which has none.
  std::vector<NotPlanned> not_planned;
  // Absent where nothing is pulled that is counted.
  std::optional<PlannedPulls> pulls;
  std::map<std::string, SeenRepository> observed;  // by Repository::ToString()
  // Did the registry of the built images tell which repositories it has, if it was asked?
  bool catalog_told = true;
};

PlanSummary Summarize(const Plan& plan);

}  // namespace imglife
