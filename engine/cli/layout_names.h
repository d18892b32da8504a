// Image layouts that a configuration names in two ways.
#pragma once

#include "absl/status/status.h"

#include "schema/config/config.h"

namespace imglife {

// FailedPrecondition if two different names are one directory on this machine (`m` and
// `/srv/m`): they would be two repositories of which each deletes what the other wants.
absl::Status CheckLayoutNames(const Config& config);

}  // namespace imglife
