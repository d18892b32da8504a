// What stops deletions (plan-apply.md, "Guards on deletion", 2 to 4; 1 and 5 are known to the diff
// that makes them).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "engine/plan/action.h"
#include "schema/config/config.h"

namespace imglife {

struct GuardOverrides {
  bool force = false;
  std::map<std::string, std::int64_t> allow_deletes;  // by Repository::ToString()
};

// What a repository holds, for the guards.
struct RepositoryCount {
  std::int64_t existing = 0;  // tags observed
  std::int64_t desired = 0;   // tags that the configuration wants there
};

// Blocks the deletions of every repository in which a guard trips; those of others stay as they
// are.
void ApplyGuards(const RetentionGuard& guard, const GuardOverrides& overrides,
                 const std::map<std::string, RepositoryCount>& repositories,
                 std::vector<Action>& actions);

// "REPOSITORY=N". InvalidArgument says what is wrong.
absl::StatusOr<std::pair<std::string, std::int64_t>> ParseAllowDeletes(const std::string& text);

}  // namespace imglife
