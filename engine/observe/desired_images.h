// The builds' half of what the configuration wants: references, bases and what stands on what.
// Pure.
#pragma once

#include "engine/observe/desired.h"
#include "engine/observe/source_chains.h"
#include "schema/config/config.h"

namespace imglife {

// Fills in `desired.images`, once `desired.mirrors` and its `unselected` are complete. An image
// that can't be resolved is among `errors` and `unresolved`; its repository and that of its base
// are among `incomplete`. A mirrored tag that is the place of an image as well is wanted by
// neither.
void AddDesiredImages(const Config& config, const SourceChains& chains, Desired& desired);

}  // namespace imglife
