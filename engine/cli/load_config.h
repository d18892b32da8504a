// From the command line to a Config, or to findings that were printed.
#pragma once

#include <optional>

#include "engine/cli/console.h"
#include "engine/cli/options.h"
#include "schema/config/config.h"

namespace imglife {

// The configuration's path: --config, IMGLIFE_CONFIG or ./imglife.yaml.
std::string ConfigPath(const CommonOptions& options);

// Prints every finding to stderr; nothing is returned if one of them is an error.
std::optional<Config> LoadConfig(const CommonOptions& options, const Environment& environment,
                                 Console& console);

// For plan and what stands on it: a configuration that has something to plan.
std::optional<Config> LoadPlannableConfig(const CommonOptions& options,
                                          const Environment& environment, Console& console);

}  // namespace imglife
