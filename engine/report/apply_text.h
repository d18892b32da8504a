// What an apply says (plan-apply.md, "apply"; stages.md for the summary trees). Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"

#include "engine/apply/apply.h"

namespace imglife {

// "Apply complete: 3 added, …, 0 interrupted in 12.3s."; first word "Apply" and the same counts
// when it failed or was stopped. With hooks, a second line about them.
std::string ApplyClosing(const ApplyCounts& counts, bool complete, absl::Duration took);

// One finished step, without newline: "  + copy registry…/alpine:3.24.1  0.4s".
std::string ActionEndLine(const Action& action, const ActionResult& result);

// A summary tree; rows in order.
struct SummaryRow {
  std::string label;
  std::string value;
};
std::string SummaryTree(const std::string& title, absl::Duration took,
                        const std::vector<SummaryRow>& rows);

}  // namespace imglife
