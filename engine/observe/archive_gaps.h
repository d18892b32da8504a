// What an archive lacks of an image that it has by name.
//
// A name tells nothing of what it leads to: distribution's garbage collection with
// `--delete-untagged` takes the parts of an index and leaves its tag (protocol-notes.md, 3.4).
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "engine/observe/missing_referrers.h"
#include "engine/observe/registry_memo.h"

namespace imglife {

// A manifest that the archive has by name, and the first that isn't there of what it consists of.
struct IncompleteCopy {
  Digest image;
  Digest missing;

  friend bool operator==(const IncompleteCopy&, const IncompleteCopy&) = default;
};

struct ArchiveGaps {
  // Among the image and what refers to it in both repositories.
  std::vector<IncompleteCopy> incomplete;
  MissingReferrers referrers;

  // Does the archive have all of it?
  bool IsWhole() const {
    return incomplete.empty() && referrers.missing.empty() && referrers.conflicts.empty();
  }
};

// Every manifest of the image (at all depths of its indexes), of what refers to it, and every
// config and layer of these, but layers that are to be fetched from elsewhere. What it all consists
// of is read in `source`, and there nothing may be missing; the archive is asked for each with a
// HEAD, but for its lists of referrers. `archive_registry` may be the memo or ask anew. Errors are
// those of the registries, and ResourceExhausted beyond image_limits.h.
absl::StatusOr<ArchiveGaps> FindArchiveGaps(RegistryMemo& source_registry, const Repository& source,
                                            const Digest& image, Registry& archive_registry,
                                            const Repository& archive);

}  // namespace imglife
