// Sync entries that copy what this configuration builds: an image's digest isn't known before it is
// built, so the copy follows in the next run. Pure.
#pragma once

#include <vector>

#include "engine/diff/stage_diff.h"
#include "engine/observe/observed.h"
#include "schema/config/config.h"

namespace imglife {

// Warns of the entries that may copy what `builds` make, and lets nothing be deleted in their
// targets until they have: `sync` is what DiffSync gave.
void FollowBuilds(const Config& config, const Observed& observed, const std::vector<Action>& builds,
                  StageDiff& sync);

}  // namespace imglife
