// Hands logins to the programs that build, in the files that they read.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "providers/builder.h"
#include "schema/config/read_config.h"

namespace imglife {

// Writes an auth file for `--authfile` of buildah (containers-auth.json(5)): the user's own
// entries, from the files that buildah would read without it, and `logins`, in place of all that
// the user has for their hosts and for repositories there. InvalidArgument names a file of the
// user's that can't be understood.
absl::Status WriteContainersAuthFile(const std::string& path,
                                     const std::vector<RegistryLogin>& logins,
                                     const Environment& environment);

// Fills `directory` (made here) as a value for DOCKER_CONFIG: the user's config.json with `logins`
// added, and links to all else that is in the user's directory (contexts, buildx instances,
// plugins). InvalidArgument likewise.
absl::Status WriteDockerConfig(const std::string& directory,
                               const std::vector<RegistryLogin>& logins,
                               const Environment& environment);

// The environment that a docker program needs for `request`'s logins: empty without any, else
// DOCKER_CONFIG with a directory made below `build_directory`.
absl::StatusOr<std::map<std::string, std::string>> DockerEnvironment(
    const BuildRequest& request, const std::string& build_directory,
    const Environment& environment);

}  // namespace imglife
