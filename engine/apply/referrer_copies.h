// What one apply knows of the referrers that it has copied: several tags of one image have the same
// signatures, and each is written once.
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
class ReferrerCopies {
 public:
  // `digest` has been copied to that name (a tag, or its own digest) by this call or another one of
  // this apply when this returns OK; else as `copy` returned, and the next caller tries again.
  absl::Status Ensure(const Repository& target, const std::string& tag_or_digest,
                      const Digest& digest, const std::function<absl::Status()>& copy);

  // It isn't found there any more: something else writes it too.
  void Forget(const Repository& target, const std::string& tag_or_digest, const Digest& digest);

 private:
  OnceMap<std::tuple<Repository, std::string, Digest>, absl::Status> copies_;
};

}  // namespace imglife
