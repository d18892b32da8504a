// Reads for which platforms the bases of images are there that are about to be built.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "engine/observe/observe.h"

namespace imglife {

// Fills in `seen.observed.base_platforms`: of a base that a copy brings, what the copy will write.
// Where nothing is built nothing is read. `rebuild` is that of the PlanRequest.
void LookAtBases(const Config& config, const std::set<Stage>& stages,
                 const std::vector<std::string>& rebuild, RegistryMemo& registry,
                 Observation& seen);

}  // namespace imglife
