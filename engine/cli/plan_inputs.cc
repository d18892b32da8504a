#include "engine/cli/plan_inputs.h"

#include <algorithm>

#include "fmt/format.h"

#include "engine/cli/registry_endpoints.h"
#include "engine/observe/image_folder.h"
#include "schema/image/digest.h"

namespace imglife {
namespace {

std::string DigestOf(const std::string& text) {
  return Digest::OfBytes(text).str();
}

}  // namespace

PlanInputs EnvironmentInputs(const Config& config, const std::set<std::string>& variables,
                             const Environment& environment) {
  PlanInputs inputs;
  for (const std::string& name : variables) {
    const auto value = environment.find(name);
    inputs[fmt::format("variable {}", name)] =
        DigestOf(value == environment.end() ? "" : value->second);
  }
  for (const auto& [host, url] : EndpointsOf(config, environment)) {
    inputs[fmt::format("endpoint of {} ({})", host, EndpointVariable(host))] = DigestOf(url);
  }
  return inputs;
}

ImageFolders ReadImageFolders(const Config& config) {
  ImageFolders folders;
  if (!config.build) return folders;
  for (std::size_t i = 0; i < config.build->images.size(); ++i) {
    folders.emplace(i, ReadImageFolder(config.build->images[i]));
  }
  return folders;
}

PlanInputs TemplateInputs(const Plan& plan, const Config& config, const ImageFolders& folders) {
  PlanInputs inputs;
  const bool deletes =
      std::any_of(plan.actions.begin(), plan.actions.end(),
                  [](const Action& action) { return action.kind == ActionKind::kDelete; });
  if (!deletes) return inputs;
  for (const auto& [image, folder] : folders) {
    inputs[fmt::format("template of {}", config.build->images[image].rule.path)] =
        folder.ok() ? DigestOf(folder->dockerfile_template) : std::string(kAbsent);
  }
  return inputs;
}

}  // namespace imglife
