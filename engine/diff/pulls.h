// What a plan's copies take of the pulls that Docker Hub counts (registry.md, "Docker Hub").
#pragma once

#include "engine/observe/observed.h"
#include "engine/observe/registry_memo.h"
#include "engine/plan/plan.h"

namespace imglife {

// Fills in plan.pulls, and warns where what is left doesn't suffice or can't be read. One pull for
// each manifest that is fetched, the children of an index included; of an image that was not read
// at least one. `applies_now`: what `registry` has read already isn't fetched again. Asks only if
// something is copied from Docker Hub, once for each such repository; those whose pulls Docker Hub
// doesn't count take none.
void CountPulls(const Observed& observed, RegistryMemo& registry, bool applies_now, Plan& plan);

}  // namespace imglife
