// Which actions a hook runs after. Pure.
#pragma once

#include <string>
#include <vector>

#include "engine/plan/action.h"

namespace imglife {

// Makes `hook` run after these actions, at least one, and say so. Its last remark is the reason.
void SetTriggers(std::vector<std::string> triggers, Action& hook);

}  // namespace imglife
