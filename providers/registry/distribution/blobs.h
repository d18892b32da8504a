// Blobs of a repository (distribution-spec 1.1, "Pulling blobs").
#pragma once

#include <memory>

#include "absl/status/statusor.h"

#include "providers/registry.h"
#include "providers/registry/distribution/client.h"

namespace imglife {

// As Registry::GetBlob; the answer may come from a storage server that the registry redirects to.
// A transfer that breaks off resumes where it was, by Range, if the server does that. The client
// must outlive the reader.
absl::StatusOr<std::unique_ptr<ByteReader>> OpenRemoteBlob(Client& client,
                                                           const Repository& repository,
                                                           const Descriptor& blob);

// As Registry::BlobExists.
absl::StatusOr<bool> HasRemoteBlob(Client& client, const Repository& repository,
                                   const Digest& digest);

}  // namespace imglife
