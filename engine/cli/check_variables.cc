#include "engine/cli/check_variables.h"

#include <string>

#include "fmt/format.h"

#include "engine/observe/registry_servers.h"
#include "providers/auth/url.h"
#include "providers/system/system.h"
#include "schema/text/secrets.h"

namespace imglife {
namespace {

constexpr char kHubUrl[] = "IMGLIFE_DOCKER_HUB_URL";

absl::Status CheckBaseUrl(const std::string& name, const std::string& value,
                          const std::string& example) {
  const auto url = ParseUrl(value);
  if (value.empty() || (url && url->query.empty())) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format(
      "{} is {}, not a base URL such as {}", name,
      IsCredential(value) ? "what looks like a credential" : fmt::format("`{}`", value), example));
}

}  // namespace

absl::Status CheckVariables(const Environment& environment) {
  absl::Status checked = MakeSystemClock(environment).status();
  const std::string prefix = EndpointVariable("");
  for (const auto& [name, value] : environment) {
    if (!name.starts_with(prefix)) continue;
    checked.Update(CheckBaseUrl(name, value, "https://mirror.example.com"));
  }
  checked.Update(
      CheckBaseUrl(kHubUrl, EnvironmentValue(environment, kHubUrl), "https://hub.docker.com"));
  return checked;
}

}  // namespace imglife
