// The summary tree of a stage command (stages.md). Pure.
#pragma once

#include <string>
#include <vector>

#include "engine/apply/apply.h"
#include "engine/plan/plan.h"

namespace imglife {

// How many tags or images the stage looked at.
struct StageExtent {
  std::size_t examined = 0;
  std::size_t errors = 0;  // of planning
};

std::string StageSummary(Stage stage, const Plan& plan, const std::vector<ActionResult>& results,
                         const StageExtent& extent, absl::Duration took);

}  // namespace imglife
