#include "engine/cli/registry_endpoints.h"

#include <cctype>

#include "engine/cli/named_places.h"

namespace imglife {

std::string EndpointVariable(const std::string& host) {
  std::string name = "IMGLIFE_REGISTRY_ENDPOINT_";
  for (const char c : host) {
    const auto byte = static_cast<unsigned char>(c);
    name += std::isalnum(byte) != 0 ? static_cast<char>(std::toupper(byte)) : '_';
  }
  return name;
}

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

}  // namespace imglife
