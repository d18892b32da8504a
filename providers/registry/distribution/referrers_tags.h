// Keeping referrers findable on registries that don't do it themselves (distribution-spec 1.1,
// "Pushing Manifests with Subject": without OCI-Subject in the answer the client must add the
// manifest to the index under the tag sha256-HEX).
//
// Thread safety: any number of threads may call; one at a time changes an index. Another process
// that does the same at the same time may lose its entry or ours: the protocol has no remedy.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "absl/status/status.h"

#include "providers/registry.h"
#include "providers/registry/distribution/client.h"
#include "providers/registry/distribution/manifest_push.h"

namespace imglife {

class ReferrersTags {
 public:
  ReferrersTags(Client& client, ManifestPushes& pushes) : client_(client), pushes_(pushes) {}

  // Adds the stored manifest to the referrers of its subject, if it has one. What the index holds
  // already stays as it is. But where the registry refuses the index for a part that it misses
  // (distribution 2.8: 400 MANIFEST_BLOB_UNKNOWN, also after a garbage collection that took listed
  // referrers as manifests without a tag), what it answers 404 for when it is asked is left out.
  // What can't be read stays; FailedPrecondition, with what to do, if the registry refuses that
  // too.
  absl::Status Add(const Repository& repository, const ManifestBytes& manifest);

 private:
  std::mutex& Changing(const Repository& repository, const std::string& tag);

  Client& client_;
  ManifestPushes& pushes_;
  std::mutex mutex_;
  // One for each index; a map's elements stay where they are.
  std::map<std::pair<Repository, std::string>, std::mutex> changing_;
};

}  // namespace imglife
