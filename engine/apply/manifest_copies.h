// What one apply knows of the manifests that it has written or found: several tags have the same
// parts and the same signatures, and each of those is written once.
#pragma once

#include <functional>
#include <string>
#include <tuple>

#include "absl/status/status.h"

#include "engine/observe/once_map.h"
#include "schema/image/digest.h"
#include "schema/image/reference.h"

namespace imglife {

// Thread safety: any number of threads may call.
class ManifestCopies {
 public:
  // `digest` has been written to that name (a tag, or its own digest) by this call or another one
  // of this apply when this returns OK; else as this caller's own `write` returned: who waited for
  // one that failed tries itself. `write` must not ask for the same name again.
  absl::Status Ensure(const Repository& target, const std::string& tag_or_digest,
                      const Digest& digest, const std::function<absl::Status()>& write);

  // It isn't found there any more: something else writes it too.
  void Forget(const Repository& target, const std::string& tag_or_digest, const Digest& digest);

 private:
  OnceMap<std::tuple<Repository, std::string, Digest>, absl::Status> writes_;
};

}  // namespace imglife
