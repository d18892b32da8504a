#include "engine/cli/load_config.h"

#include <cstdio>
#include <utility>

#include "fmt/format.h"

#include "engine/cli/place_names.h"
#include "engine/cli/plan_inputs.h"
#include "engine/cli/registry_endpoints.h"
#include "providers/files.h"
#include "schema/config/config_reading.h"
#include "schema/text/diagnostics.h"

namespace imglife {

namespace {

ConfigReading Read(const CommonOptions& options, const Environment& environment, Console& console) {
  const std::string path = ConfigPath(options);
  const auto content = ReadFile(path);
  if (!content.ok()) {
    console.Error(
        absl::IsNotFound(content.status())
            ? fmt::format("there is no {}; name the configuration with --config or IMGLIFE_CONFIG",
                          path)
            : std::string(content.status().message()));
    return {};
  }
  Findings findings;
  ConfigReading reading = ReadConfigAndVariables(path, *content, environment, findings);
  for (const Finding& finding : findings.Sorted()) {
    std::fputs(RenderFinding(path, *content, finding).c_str(), stderr);
  }
  if (findings.Omitted() > 0) {
    std::fputs(fmt::format("{}: {} more\n", path, findings.Omitted()).c_str(), stderr);
  }
  return reading;
}

}  // namespace

std::string ConfigPath(const CommonOptions& options) {
  return options.config.empty() ? "imglife.yaml" : options.config;
}

std::optional<Config> LoadConfig(const CommonOptions& options, const Environment& environment,
                                 Console& console) {
  return Read(options, environment, console).config;
}

std::optional<PlannableConfig> LoadPlannableConfig(const CommonOptions& options,
                                                   const Environment& environment,
                                                   Console& console) {
  ConfigReading reading = Read(options, environment, console);
  if (!reading.config) return std::nullopt;
  Config& config = *reading.config;
  if (!config.sync && !config.build) {
    console.Error(fmt::format("{} has neither `sync` nor `build`: there is nothing to plan",
                              ConfigPath(options)));
    return std::nullopt;
  }
  const RegistryServers servers = ServersOf(config, environment);
  absl::Status names = CheckLayoutNames(config);
  names.Update(CheckRegistryNames(config, servers));
  names.Update(CheckPlaceConflicts(config, servers));
  if (!names.ok()) {
    console.Error(std::string(names.message()));
    return std::nullopt;
  }
  PlanInputs inputs = EnvironmentInputs(config, reading.variables, environment);
  return PlannableConfig{std::move(config), std::move(inputs)};
}

}  // namespace imglife
