// Where the registries of a configuration are spoken to (config.md, Environment).
#pragma once

#include <map>
#include <string>

#include "engine/observe/registry_servers.h"
#include "schema/config/config.h"
#include "schema/config/read_config.h"

namespace imglife {

// The base URLs that the environment sets, by host; only hosts that the configuration names.
std::map<std::string, std::string> EndpointsOf(const Config& config,
                                               const Environment& environment);

// Every endpoint that the environment sets: labels and Dockerfiles may name any host. What is no
// URL counts as not set.
RegistryServers ServersOf(const Config& config, const Environment& environment);

}  // namespace imglife
