// From the command line to a Config, or to findings that were printed.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"

#include "engine/cli/console.h"
#include "engine/cli/options.h"
#include "engine/plan/plan_file.h"
#include "schema/config/config.h"
#include "schema/text/diagnostics.h"

namespace imglife {

// The configuration's path: --config, IMGLIFE_CONFIG or ./imglife.yaml.
std::string ConfigPath(const CommonOptions& options);

struct CheckedConfig {
  std::string path;
  std::string content;
  Findings findings;
  std::optional<Config> config;  // if reading it gave no error
};

// All that can be found without asking anyone, the templates of its images included. Otherwise why
// it can't be read; prints nothing.
absl::StatusOr<CheckedConfig> CheckConfig(const CommonOptions& options,
                                          const Environment& environment);

// A configuration that has something to plan, and what plans of it note of the environment.
struct PlannableConfig {
  Config config;
  PlanInputs inputs;
};

// For plan and what stands on it. Prints every finding to stderr; nothing is returned if one of
// them is an error.
std::optional<PlannableConfig> LoadPlannableConfig(const CommonOptions& options,
                                                   const Environment& environment,
                                                   Console& console);

}  // namespace imglife
