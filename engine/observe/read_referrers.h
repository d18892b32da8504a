// What belongs to an image that is about to be deleted: its signatures, SBOMs and notes, and
// theirs.
#pragma once

#include <vector>

#include "absl/status/statusor.h"

#include "engine/observe/registry_memo.h"
#include "schema/image/manifest.h"
#include "schema/image/reference.h"

namespace imglife {

struct FoundReferrers {
  // Of the subjects themselves.
  std::vector<Descriptor> own;
  // Those, and theirs, to the last: each after its subject.
  std::vector<Digest> all;
  // Subjects to which something is said to refer of a kind that imglife can't read (ORAS
  // artifacts). Sorted.
  std::vector<Digest> untold;
  // What is said to refer to the subjects, or to one of `all`, and is of such a kind. Each once.
  std::vector<Descriptor> unreadable;
};

// What refers to the subjects (one image, or parts of one), and what refers to that. A list is not
// believed (a proxy may give the list of another image, and anybody may write a fallback tag): only
// what names its subject itself is among them, and what isn't there isn't. `lists` is asked for the
// lists, `registry` for the manifests. An error if one of them can't be read; ResourceExhausted
// beyond the limits of image_limits.h. What is of a kind that can't be read is no error.
absl::StatusOr<FoundReferrers> ReadReferrers(RegistryMemo& registry, Registry& lists,
                                             const Repository& repository,
                                             const std::vector<Digest>& subjects);

}  // namespace imglife
