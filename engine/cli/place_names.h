// One place that a configuration names in two ways: it would be two places, of which each deletes
// what the other wants.
#pragma once

#include "absl/status/status.h"

#include "engine/observe/registry_servers.h"
#include "schema/config/config.h"

namespace imglife {

// FailedPrecondition if two different names are one directory on this machine (`m` and `/srv/m`).
absl::Status CheckLayoutNames(const Config& config);

// FailedPrecondition if a registry has two names (`localhost:5000` and `127.0.0.1:5000`, or two
// hosts with one endpoint) and both are written to, or one is written to where an image stands on
// the other. Sources may have any name. Nothing is asked.
absl::Status CheckRegistryNames(const Config& config, const RegistryServers& servers);

// FailedPrecondition if places of the configuration undo each other (PlaceConflicts) once their
// names are understood: two names of one registry, two paths of one directory, relative ones from
// where the configuration is. Nothing is asked.
absl::Status CheckPlaceConflicts(const Config& config, const RegistryServers& servers);

}  // namespace imglife
