#include "engine/cli/load_config.h"

#include <utility>

#include "fmt/format.h"

#include "engine/cli/place_names.h"
#include "engine/cli/plan_inputs.h"
#include "engine/cli/registry_endpoints.h"
#include "engine/observe/check_builds.h"
#include "providers/files.h"
#include "schema/config/config_reading.h"
#include "schema/text/diagnostics.h"

namespace imglife {

namespace {

// The bytes of the configuration.
absl::StatusOr<std::string> ReadSource(const std::string& path) {
  auto content = ReadFile(path);
  if (!absl::IsNotFound(content.status())) return content;
  return absl::NotFoundError(
      fmt::format("there is no {}; name the configuration with --config or IMGLIFE_CONFIG", path));
}

ConfigReading Read(const CommonOptions& options, const Environment& environment, Console& console) {
  const std::string path = ConfigPath(options);
  const auto content = ReadSource(path);
  if (!content.ok()) {
    console.Error(std::string(content.status().message()));
    return {};
  }
  Findings findings;
  ConfigReading reading = ReadConfigAndVariables(path, *content, environment, findings);
  console.Report(path, *content, findings);
  return reading;
}

}  // namespace

std::string ConfigPath(const CommonOptions& options) {
  return options.config.empty() ? "imglife.yaml" : options.config;
}

absl::StatusOr<CheckedConfig> CheckConfig(const CommonOptions& options,
                                          const Environment& environment) {
  CheckedConfig checked;
  checked.path = ConfigPath(options);
  auto content = ReadSource(checked.path);
  if (!content.ok()) return content.status();
  checked.content = *std::move(content);
  checked.config = ReadConfig(checked.path, checked.content, environment, checked.findings);
  if (checked.config) CheckBuilds(*checked.config, checked.findings);
  return checked;
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
