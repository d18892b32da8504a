#include "engine/apply/referrer_copies.h"

namespace imglife {

absl::Status ReferrerCopies::Ensure(const Repository& target, const std::string& tag_or_digest,
                                    const Digest& digest,
                                    const std::function<absl::Status()>& copy) {
  absl::Status status = copies_.Get({target, tag_or_digest, digest}, copy);
  if (!status.ok()) Forget(target, tag_or_digest, digest);
  return status;
}

void ReferrerCopies::Forget(const Repository& target, const std::string& tag_or_digest,
                            const Digest& digest) {
  copies_.Forget({target, tag_or_digest, digest});
}

}  // namespace imglife
