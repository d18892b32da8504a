// The mirrors' half of what the configuration wants: what each sync entry selects. Pure.
#pragma once

#include "engine/observe/desired.h"
#include "engine/observe/listings.h"
#include "engine/observe/source_chains.h"
#include "schema/config/config.h"

namespace imglife {

// Fills in `desired.mirrors`, and what to say of the entries: an entry that can't be planned is
// among `errors`, and its target among `incomplete`, as is its source if this configuration puts
// something there. The parameters are those of ComputeDesired.
void AddDesiredMirrors(const Config& config, const Listings& listed, const OsNames& os_names,
                       const SourceChains& chains, Desired& desired);

}  // namespace imglife
