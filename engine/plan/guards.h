// What stops deletions (plan-apply.md, "Guards on deletion", 2 to 4; 1 and 5 are known to the diff
// that makes them).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

#include "engine/plan/plan.h"
#include "schema/config/config.h"

namespace imglife {

struct GuardOverrides {
  bool force = false;                                 // lifts guards 2, 3 and 5
  std::map<std::string, std::int64_t> allow_deletes;  // by Repository::ToString(); 2 and 3
};

// What a repository holds, for the guards.
struct RepositoryCount {
  std::int64_t existing = 0;  // tags observed
  std::int64_t desired = 0;   // tags that the configuration wants there
  std::string empty_source;   // of what it mirrors there: one that has no tag at all; or empty
};

// Blocks the deletions of every repository in which a guard trips, all of them; those of others
// stay as they are. Only deletions that no other guard blocks count as deletions. `repositories`
// has every repository for which the configuration says what it wants; for others (archives) only
// max_deletes means anything. Afterwards `overrides` are applied, and archive copies follow the
// deletion that they serve.
void ApplyGuards(const RetentionGuard& guard, const GuardOverrides& overrides,
                 const std::map<std::string, RepositoryCount>& repositories,
                 std::vector<Action>& actions);

inline constexpr std::string_view kBaseInUse = "base_in_use";

// Blocks the deletion of what an image was built on whose own deletion is blocked, over any number
// of steps, as kBaseInUse; lifts that where it isn't blocked any more. ApplyGuards and
// LiftGuards end with it.
void BlockBases(std::vector<Action>& actions);

// What `overrides` lift of a plan that is already made (`apply PLAN --allow-deletes`); edges and
// order are made anew. Nothing of a narrowed plan: what its blocked deletions would wait for
// may not be in it. InvalidArgument as SortActions.
absl::Status LiftGuards(const GuardOverrides& overrides, Plan& plan);

// A sentence for each allowance whose repository the plan hasn't seen: a name that is written wrong
// must not look like an allowance that didn't suffice.
std::vector<std::string> UnknownAllowances(const GuardOverrides& overrides, const Plan& plan);

// "REPOSITORY=N". InvalidArgument says what is wrong.
absl::StatusOr<std::pair<std::string, std::int64_t>> ParseAllowDeletes(const std::string& text);

}  // namespace imglife
