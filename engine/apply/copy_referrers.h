// Copying what refers to an image: signatures, SBOMs, attestations.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "engine/apply/copy_image.h"
#include "engine/apply/manifest_copies.h"
#include "engine/observe/registry_memo.h"

namespace imglife {

// One of cosign's tags in the target that names something already.
struct TagOverwrite {
  Reference tag;
  Digest before;
  Digest after;
};

// Overwrites a tag by calling `write`, once what is there is in the journal. If it fails before
// that the tag stays as it is.
using OverwriteTag = std::function<absl::Status(const TagOverwrite& overwrite,
                                                const std::function<absl::Status()>& write)>;

struct ReferrersRequest {
  Repository source;
  Repository target;
  std::vector<Digest> subjects;  // SubjectsOf the image
  OverwriteTag overwrite;
};

// Copies all that refers to the subjects in the source now and not yet in the target, over any
// number of steps; each referrer whole, and after what refers to it. What the target has already
// stays: where it has no referrers API its fallback tags gain entries (Registry::PutManifest), and
// cosign's tags are replaced only by what holds all that they name (ReferrersRequest::overwrite).
// What `manifests` knows to be written isn't written again. Then looks whether all is found
// there; what another writer of a fallback tag has dropped meanwhile is added again, a few times
// (Aborted if that doesn't last). The image itself needn't be in the target yet. `stop` set:
// Cancelled. Returns the tags that couldn't be replaced (MissingReferrers::conflicts).
absl::StatusOr<std::vector<std::string>> CopyReferrers(RegistryMemo& registry, BlobCopies& blobs,
                                                       ManifestCopies& manifests,
                                                       const ReferrersRequest& request,
                                                       const std::atomic<bool>& stop);

}  // namespace imglife
