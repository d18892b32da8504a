#include "engine/apply/manifest_copies.h"

namespace imglife {

absl::Status ManifestCopies::Ensure(const Repository& target, const std::string& tag_or_digest,
                                    const Digest& digest,
                                    const std::function<absl::Status()>& write) {
  for (;;) {
    bool ours = false;
    absl::Status status = writes_.Get({target, tag_or_digest, digest}, [&] {
      ours = true;
      absl::Status written = write();
      // Before those who wait hear of it: then one of them is the next.
      if (!written.ok()) Forget(target, tag_or_digest, digest);
      return written;
    });
    if (ours || status.ok()) return status;
  }
}

void ManifestCopies::Forget(const Repository& target, const std::string& tag_or_digest,
                            const Digest& digest) {
  writes_.Forget({target, tag_or_digest, digest});
}

}  // namespace imglife
