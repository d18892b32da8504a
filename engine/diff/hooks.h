// The hooks that planned actions trigger (config.md, Hook). Pure.
#pragma once

#include <vector>

#include "engine/observe/desired.h"
#include "engine/plan/action.h"
#include "schema/config/config.h"

namespace imglife {

// One action for each sync entry with hooks of which something is copied, be it by another entry
// that selects it too, and for each image with hooks that is built.
std::vector<Action> PlanHooks(const Config& config, const Desired& desired,
                              const std::vector<Action>& actions);

// The commands of a hook action for what one of its triggers has made, in the order in which they
// run: the section's, then the entry's or image's own. Those of `sync` run once for each image:
// with the entry that copies it.
std::vector<Hook> HooksOf(const Config& config, const Action& hook, const Action& made);

}  // namespace imglife
