// What a stage command looked at, and what became of it in the plan. Pure.
#pragma once

#include "engine/cli/planning.h"
#include "engine/cli/stage_summary.h"
#include "engine/plan/action.h"
#include "schema/config/config.h"

namespace imglife {

StageExtent ExtentOf(Stage stage, const Config& config, const FreshPlan& fresh);

}  // namespace imglife
