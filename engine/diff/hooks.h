// The hooks that planned actions trigger (config.md, Hook). Pure.
#pragma once

#include <vector>

#include "engine/plan/action.h"
#include "schema/config/config.h"

namespace imglife {

// One action for each sync entry with hooks that copies something, and for each image with hooks
// that is built.
std::vector<Action> PlanHooks(const Config& config, const std::vector<Action>& actions);

// The hooks of a hook action, in the order in which they run: the section's, then the entry's or
// image's own.
std::vector<Hook> HooksOf(const Config& config, const Action& action);

}  // namespace imglife
