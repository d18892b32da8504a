// The list of a repository's tags (distribution-spec 1.1, "Listing Tags"; protocol notes 3.2).
#pragma once

#include "absl/status/statusor.h"

#include "providers/registry.h"
#include "providers/registry/distribution/client.h"

namespace imglife {

// As Registry::ListTags.
absl::StatusOr<TagList> ListTagPages(Client& client, const Repository& repository);

}  // namespace imglife
