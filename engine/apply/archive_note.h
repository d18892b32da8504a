// The referrer beside an archived image that says when it was archived (stages.md, cleanup): the
// copy itself stays byte for byte what it was.
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "engine/apply/manifest_copies.h"
#include "providers/registry.h"

namespace imglife {

// Once for one image and second, whoever asks. `subject` may not be there yet: a name given to it
// afterwards is never without its date. To the second. The errors are those of the registry.
absl::Status NoteArchived(Registry& registry, ManifestCopies& manifests, const Repository& archive,
                          const Descriptor& subject, absl::Time at);

}  // namespace imglife
