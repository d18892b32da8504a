// --only and --exclude (plan-apply.md, "plan").
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"

#include "engine/plan/plan.h"

namespace imglife {

struct PlanFilter {
  std::vector<std::string> only;
  std::vector<std::string> exclude;
  bool empty() const { return only.empty() && exclude.empty(); }
};

// Keeps what `only` chooses and what that needs, drops what `exclude` names and what depends on it;
// sets partial and filters. A pattern is a kind, a stage, an address, or a glob (`*`, `?`, `[…]`)
// over addresses; InvalidArgument for one that matches nothing.
absl::Status ApplyFilter(const PlanFilter& filter, Plan& plan);

// `*` (also across '/'), `?` and `[…]`; the whole of `text` must match.
bool GlobMatches(const std::string& pattern, const std::string& text);

// Does the pattern choose the action?
bool PatternMatches(const std::string& pattern, const Action& action);

}  // namespace imglife
