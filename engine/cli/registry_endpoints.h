// Where the registries of a configuration are spoken to (config.md, Environment).
#pragma once

#include <map>
#include <string>

#include "schema/config/config.h"
#include "schema/config/read_config.h"

namespace imglife {

// IMGLIFE_REGISTRY_ENDPOINT_DOCKER_IO for "docker.io".
std::string EndpointVariable(const std::string& host);

// The base URLs that the environment sets, by host; only hosts that the configuration names.
std::map<std::string, std::string> EndpointsOf(const Config& config,
                                               const Environment& environment);

}  // namespace imglife
