// The plan as a merge-request note (plan-apply.md, "Reports"). Pure.
#pragma once

#include <cstddef>
#include <string>

#include "engine/plan/plan.h"

namespace imglife {

inline constexpr std::size_t kMarkdownLimit = 1'000'000;

// Summary, guard results, warnings, all deletions, then changes, then additions; at most `limit`
// characters: what doesn't fit is replaced by exact counts, additions first, deletions never
// silently.
std::string PlanAsMarkdown(const Plan& plan, std::size_t limit);

}  // namespace imglife
