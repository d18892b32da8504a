// `build --rebuild PATTERN` has to name images that there are. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"

#include "schema/config/config.h"

namespace imglife {

// InvalidArgument for the first pattern that matches no name of build.images, with those that are
// nearest.
absl::Status CheckRebuildNames(const Config& config, const std::vector<std::string>& patterns);

}  // namespace imglife
