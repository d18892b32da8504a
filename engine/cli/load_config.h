// From the command line to a Config, or to findings that were printed.
#pragma once

#include <optional>

#include "engine/cli/console.h"
#include "engine/cli/options.h"
#include "engine/plan/plan_file.h"
#include "schema/config/config.h"

namespace imglife {

// The configuration's path: --config, IMGLIFE_CONFIG or ./imglife.yaml.
std::string ConfigPath(const CommonOptions& options);

// Prints every finding to stderr; nothing is returned if one of them is an error.
std::optional<Config> LoadConfig(const CommonOptions& options, const Environment& environment,
                                 Console& console);

// A configuration that has something to plan, and what plans of it note of the environment.
struct PlannableConfig {
  Config config;
  PlanInputs inputs;
};

// For plan and what stands on it.
std::optional<PlannableConfig> LoadPlannableConfig(const CommonOptions& options,
                                                   const Environment& environment,
                                                   Console& console);

}  // namespace imglife
