#include "engine/cli/registry_endpoints.h"

#include <utility>

#include "engine/cli/named_places.h"
#include "providers/auth/url.h"

namespace imglife {

std::map<std::string, std::string> EndpointsOf(const Config& config,
                                               const Environment& environment) {
  std::map<std::string, std::string> endpoints;
  for (const NamedPlace& place : NamedPlaces(config)) {
    const std::string& host = place.repository.host;
    if (host.empty()) continue;
    const auto set = environment.find(EndpointVariable(host));
    if (set != environment.end() && !set->second.empty()) endpoints[host] = set->second;
  }
  return endpoints;
}

RegistryServers ServersOf(const Config& config, const Environment& environment) {
  const std::string prefix = EndpointVariable("");
  std::map<std::string, std::string> endpoints;
  for (const auto& [name, value] : environment) {
    if (name.rfind(prefix, 0) != 0) continue;
    if (const auto url = ParseUrl(value)) {
      endpoints[name] = ServerName(url->host, url->port, url->path);
    }
  }
  return RegistryServers(std::move(endpoints), config.insecure_registries);
}

}  // namespace imglife
