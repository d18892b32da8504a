// What an apply says (plan-apply.md, "apply"; stages.md for the summary trees). Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"

#include "engine/apply/apply.h"

namespace imglife {

// "Apply complete: 3 added, …, 0 interrupted in 12.3s."; "Apply failed" and "Apply stopped" with
// the same counts where `complete` is false, the latter if something was cancelled or interrupted.
// With hooks, a second line about them. Every line ends with a newline.
std::string ApplyClosing(const ApplyCounts& counts, bool complete, absl::Duration took);

// The same of a dry run, where "added" is what would be added. Nothing in it sounds as if it were
// done.
std::string DryRunClosing(const ApplyCounts& counts);

// One finished step, without newline: "  + copy registry…/alpine:3.24.1  0.4s"; a state other than
// ok is named, with its message. Escaped.
std::string ActionEndLine(const Action& action, const ActionResult& result);

// A summary tree, ends with a newline; rows in order, the first is the root. Values stand in one
// column, at its right end. Escaped.
struct SummaryRow {
  std::string label;
  std::string value;
};
std::string SummaryTree(const std::string& title, absl::Duration took,
                        const std::vector<SummaryRow>& rows);

}  // namespace imglife
