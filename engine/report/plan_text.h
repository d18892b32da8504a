// The plan as people read it in a terminal (plan-apply.md, "Text form"). Pure.
#pragma once

#include <string>

#include "engine/plan/plan.h"

namespace imglife {

// Ends with a newline. Values from registries are escaped. `color`: ANSI colours for the symbols.
std::string PlanAsText(const Plan& plan, bool color);

}  // namespace imglife
