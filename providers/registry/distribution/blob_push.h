// Making a blob be in a repository (distribution-spec 1.1, "Pushing blobs", "Mounting a blob";
// protocol notes 3.3).
#pragma once

#include "absl/status/statusor.h"

#include "providers/registry.h"
#include "providers/registry/distribution/client.h"

namespace imglife {

// As Registry::PushBlob: HEAD, POST that mounts where it can, one PUT of the whole blob, or chunks
// where the registry (or the proxy before it) doesn't take so much at once. A request whose outcome
// is unknown is followed by a look; if the blob isn't there the upload goes on where the registry
// says that it stopped, or starts again, with a source opened anew. A source that fails is reported
// with its own error. What is given up is cancelled.
absl::StatusOr<PushOutcome> PushRemoteBlob(Client& client, const Repository& repository,
                                           const Descriptor& blob, const OpenBlob& open,
                                           const PushBlobOptions& options);

}  // namespace imglife
