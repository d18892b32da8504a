// Which repositories a configuration puts something into. Pure.
#pragma once

#include <set>
#include <vector>

#include "engine/observe/desired.h"
#include "engine/observe/registry_servers.h"
#include "schema/config/config.h"
#include "schema/image/reference.h"

namespace imglife {

// The repositories of build.images, as far as they are known before upstream's tags are.
std::set<Repository> BuiltRepositories(const Config& config);

// Those and the targets of sync entries.
std::set<Repository> TargetRepositories(const Config& config);

// Where images may be that were built on others of this configuration: the repositories of
// build.images, and the targets of what is copied from a registry that this configuration writes
// to.
std::set<Repository> HoldersOfBuiltImages(const Config& config, const RegistryServers& servers);

// The repositories of the images that could be resolved, and the targets of sync entries: what
// cleanup looks at. Sorted.
std::vector<Repository> CleanupScope(const Config& config, const Desired& desired);

}  // namespace imglife
