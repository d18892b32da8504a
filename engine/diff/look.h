// Everything that planning some stages needs to see, in the order in which one answer leads to the
// next question.
#pragma once

#include <set>

#include "absl/time/time.h"

#include "engine/observe/observe.h"

namespace imglife {

// Observe, then what the deletions that retention would make depend on.
Observation Look(const Config& config, const std::set<Stage>& stages, RegistryMemo& registry,
                 const World& world, absl::Time policy_now);

}  // namespace imglife
