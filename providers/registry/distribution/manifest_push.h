// Storing manifests whose parts others may be writing at the same time.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "providers/registry.h"
#include "providers/registry/distribution/client.h"
#include "providers/registry/distribution/part_turns.h"

namespace imglife {

// Thread safety: any number of threads may call.
class ManifestPushes {
 public:
  // Both outlive this.
  ManifestPushes(Client& client, PartTurns& turns) : client_(client), turns_(turns) {}

  // As StoreManifest, in its turn. If the registry says that it misses a part, and has all of them
  // when it is asked (another process has just written one again), stores it once more: the refusal
  // has changed nothing.
  absl::StatusOr<bool> Push(const Repository& repository, const std::string& tag_or_digest,
                            const ManifestBytes& manifest, const Digest& before);

 private:
  bool HasAll(const Repository& repository, const Manifest& manifest);

  Client& client_;
  PartTurns& turns_;
};

}  // namespace imglife
