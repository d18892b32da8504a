// The summary tree of a stage command (stages.md). Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/apply/apply.h"
#include "engine/plan/plan.h"

namespace imglife {

// How many tags, images or products the stage looked at, and how many of them no action of the plan
// tells of.
struct StageExtent {
  std::size_t examined = 0;
  std::size_t not_planned = 0;   // whether they have to change can't be told
  std::size_t left_out = 0;      // they would change but for --only and --exclude
  std::size_t per_action = 1;    // for how many of them one action stands
  std::size_t other_errors = 0;  // of planning, about none of them
};

// What a stage is for: copies, builds, deletions, the commit of EOL data. Everything else that it
// does only belongs to that.
ActionKind MainKind(Stage stage);

// Every one of what was examined is counted in one row: those from the second to "Errors" add up to
// the first, but for "Bytes". "Errors" counts what failed, was skipped or could not be planned;
// "Other errors" is there if something else went wrong.
std::string StageSummary(Stage stage, const Plan& plan, const std::vector<ActionResult>& results,
                         const StageExtent& extent, absl::Duration took);

// The same of a dry run: what it would do, and that nothing was changed.
std::string DryRunSummary(Stage stage, const Plan& plan, const std::vector<ActionResult>& results,
                          const StageExtent& extent, absl::Duration took);

}  // namespace imglife
