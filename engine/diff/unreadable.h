// What was asked and could not be read.
#pragma once

#include <string>
#include <vector>

#include "engine/diff/stage_diff.h"
#include "engine/observe/observe.h"

namespace imglife {

// One sentence for each cause, of everything that a status report tells of; a report with holes
// must not look like one without. `cleanup`: what DiffCleanup gives.
std::vector<std::string> Unreadable(const Observation& seen, const StageDiff& cleanup);

}  // namespace imglife
