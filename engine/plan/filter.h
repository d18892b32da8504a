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

// Keeps what `only` chooses and what that needs, then drops what `exclude` names and what depends
// on it. What is blocked needs nothing. A hook stays with any of its triggers, which `only` may
// have taken along, and runs over those that are left: otherwise it would never run over them. Sets
// partial, narrowed, filters and filter_notes. A pattern is a kind, a stage, an address, or a glob
// over addresses. InvalidArgument for one that matches nothing, except the name of a kind or a
// stage: a registry that is up to date has none of them. A deletion that others wait for only as
// the first of its repository (NeedKind::kGate) is neither taken along nor does it take them with
// it.
absl::Status ApplyFilter(const PlanFilter& filter, Plan& plan);

// What the command of a stage shows and does: the actions of the stage and what they need. It says
// so itself, so the plan has no filters and is not partial by that; it stays a narrowed one.
// Cleanup has, besides, the copies that take the place of what a killed deletion left: it reads
// what tags name, and a mirror that compares no digests doesn't.
absl::Status KeepStage(Stage stage, Plan& plan);

// `*` (also across '/'), `?`, `[…]`, `[!…]`, byte by byte; the whole of `text` must match. A '['
// without its ']' stands for itself. At most |pattern| · |text| steps.
bool GlobMatches(const std::string& pattern, const std::string& text);

// Does the pattern choose the action?
bool PatternMatches(const std::string& pattern, const Action& action);

}  // namespace imglife
