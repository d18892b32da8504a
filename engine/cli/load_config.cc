#include "engine/cli/load_config.h"

#include <cstdio>

#include "fmt/format.h"

#include "engine/cli/place_names.h"
#include "engine/cli/registry_endpoints.h"
#include "providers/files.h"
#include "schema/config/read_config.h"
#include "schema/text/diagnostics.h"

namespace imglife {

std::string ConfigPath(const CommonOptions& options) {
  return options.config.empty() ? "imglife.yaml" : options.config;
}

std::optional<Config> LoadConfig(const CommonOptions& options, const Environment& environment,
                                 Console& console) {
  const std::string path = ConfigPath(options);
  const auto content = ReadFile(path);
  if (!content.ok()) {
    console.Error(
        absl::IsNotFound(content.status())
            ? fmt::format("there is no {}; name the configuration with --config or IMGLIFE_CONFIG",
                          path)
            : std::string(content.status().message()));
    return std::nullopt;
  }
  Findings findings;
  auto config = ReadConfig(path, *content, environment, findings);
  for (const Finding& finding : findings.Sorted()) {
    std::fputs(RenderFinding(path, *content, finding).c_str(), stderr);
  }
  if (findings.Omitted() > 0) {
    std::fputs(fmt::format("{}: {} more\n", path, findings.Omitted()).c_str(), stderr);
  }
  return config;
}

std::optional<Config> LoadPlannableConfig(const CommonOptions& options,
                                          const Environment& environment, Console& console) {
  auto config = LoadConfig(options, environment, console);
  if (config && !config->sync && !config->build) {
    console.Error(fmt::format("{} has neither `sync` nor `build`: there is nothing to plan",
                              ConfigPath(options)));
    return std::nullopt;
  }
  if (!config) return config;
  const auto endpoints = EndpointsOf(*config, environment);
  absl::Status names = CheckLayoutNames(*config);
  names.Update(CheckRegistryNames(*config, endpoints));
  names.Update(CheckPlaceConflicts(*config, endpoints));
  if (names.ok()) return config;
  console.Error(std::string(names.message()));
  return std::nullopt;
}

}  // namespace imglife
