// A configuration, and what of the environment its values were made of.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "schema/config/config.h"
#include "schema/config/read_config.h"
#include "schema/text/diagnostics.h"

namespace imglife {

struct ConfigReading {
  std::optional<Config> config;
  // Names of the variables that its values depend on, those that aren't set and have a default
  // included.
  std::set<std::string> variables;
};

// As ReadConfig.
ConfigReading ReadConfigAndVariables(std::string_view file, std::string_view content,
                                     const Environment& environment, Findings& findings);

}  // namespace imglife
