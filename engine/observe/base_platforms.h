// The platforms that an image is there for.
#pragma once

#include <vector>

#include "absl/status/statusor.h"

#include "engine/observe/registry_memo.h"
#include "providers/registry.h"

namespace imglife {

// As an index says of its children; for a child without a platform, and for an image without an
// index, as the config says, with empty parts where that says nothing. Attestations are no images.
// FailedPrecondition for what a killed deletion has left (placeholder.h); other errors are those of
// reading. They name the manifest.
absl::StatusOr<std::vector<Platform>> ReadPlatforms(RegistryMemo& registry,
                                                    const Repository& repository,
                                                    const ManifestBytes& manifest);

}  // namespace imglife
