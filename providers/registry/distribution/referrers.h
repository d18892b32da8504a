// What refers to a manifest (distribution-spec 1.1, "Listing Referrers" and "Referrers Tag
// Schema"; protocol notes 3.3).
#pragma once

#include <vector>

#include "absl/status/statusor.h"

#include "providers/registry.h"
#include "providers/registry/distribution/client.h"

namespace imglife {

// As Registry::ListReferrers: the API, and where it answers 404 the tag sha256-HEX; nothing refers
// to the manifest where neither exists.
absl::StatusOr<std::vector<Descriptor>> FetchReferrers(Client& client, const Repository& repository,
                                                       const Digest& subject);

// "sha256-HEX", as the tag schema cuts it.
std::string ReferrersTag(const Digest& subject);

}  // namespace imglife
