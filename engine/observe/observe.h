// Asks the world everything that the diffs need, each distinct question once, all in flight
// together.
#pragma once

#include <set>

#include "engine/observe/desired.h"
#include "engine/observe/observed.h"
#include "engine/observe/registry_memo.h"
#include "engine/observe/world.h"
#include "engine/plan/action.h"
#include "schema/config/config.h"

namespace imglife {

struct Observation {
  Desired desired;
  Observed observed;
};

// `stages`: what a command will plan; questions that only other stages need aren't asked. What
// can't be read is in the result, never an empty answer.
Observation Observe(const Config& config, const std::set<Stage>& stages, RegistryMemo& registry,
                    const World& world);

}  // namespace imglife
