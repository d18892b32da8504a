// Making a blob be in a repository (distribution-spec 1.1, "Pushing blobs", "Mounting a blob";
// protocol notes 3.3).
#pragma once

#include "absl/status/statusor.h"

#include "providers/registry.h"
#include "providers/registry/distribution/client.h"

namespace imglife {

// As Registry::PushBlob: HEAD, POST that mounts where it can, one PUT of the whole blob. A PUT
// whose outcome is unknown is followed by a look, and by another upload from a source opened anew
// if the blob isn't there. A source that fails is reported with its own error.
absl::StatusOr<PushOutcome> PushRemoteBlob(Client& client, const Repository& repository,
                                           const Descriptor& blob, const OpenBlob& open,
                                           const PushBlobOptions& options);

// The upload's place as a Location tells it. InvalidArgument if it is no URL, leaves TLS, or goes
// to an internal address of another host (protocol notes 3.1: a registry must not make its clients
// write into their own network).
absl::StatusOr<Url> UploadLocation(const Call& call, const HttpResponse& response);

}  // namespace imglife
