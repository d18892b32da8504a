// The repositories of a registry (distribution's API, "Listing Repositories"; not part of
// distribution-spec).
#pragma once

#include <vector>

#include "absl/status/statusor.h"

#include "providers/registry/distribution/client.h"

namespace imglife {

// Those below `prefix`, over all pages. Unimplemented where the registry has no catalog or doesn't
// show it to these credentials: Docker Hub, GHCR and GitLab answer 401, 403 or 404.
absl::StatusOr<std::vector<Repository>> ListCatalog(Client& client, const Repository& prefix);

}  // namespace imglife
