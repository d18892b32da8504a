// The order in which images and what they were built on are deleted. Pure.
#pragma once

#include <vector>

#include "engine/diff/stage_diff.h"
#include "engine/observe/observed.h"
#include "schema/config/config.h"
#include "schema/image/reference.h"

namespace imglife {

// Notes in each deletion among `actions` which of the tags `going` were built on its tag
// (DeleteWork::built_on_it). `going`: every tag that is to go, also those of which the deletion
// couldn't be planned. A tag that was built on one that was built on it itself is blocked
// ("in_use"): neither can go first.
void NoteWhatWasBuiltOn(const Config& config, const Observed& observed,
                        const std::vector<Repository>& scope, const std::vector<Reference>& going,
                        std::vector<Action>& actions);

}  // namespace imglife
