// A Registry whose manifests and image configs aren't fetched twice, from run to run.
//
// A registry is asked about each manifest all the same, with a HEAD in the place of the GET: the
// cache has the bytes, and only the registry says that they are there now, and that we may see
// them. So a manifest that was deleted, or that we lost the right to read, is absent or refused as
// it would be without the cache; what a tag names is what the registry says; a pull that is counted
// (Docker Hub) is saved. A tag is asked with HEAD first only if its manifest was seen before, so
// that whatever wasn't costs one GET, as ever; one that has moved to something new costs both.
//
// An image config is answered without a question, if in the life of this object the same repository
// has given or confirmed a manifest that names it: then we may read it there, and its bytes are
// known. That doesn't say that the blob is there: BlobExists and PushBlob ask, and who deletes or
// copies concludes from those. So a config that is missing in a registry isn't noticed by who only
// reads it; what the image is, is read all the same.
//
// Everything else, writes included, is handed on.
//
// Thread safety: as Registry.
#pragma once

#include <memory>

#include "providers/registry.h"
#include "providers/registry/cache/content_cache.h"

namespace imglife {

// Both must outlive the result.
std::unique_ptr<Registry> MakeCachedRegistry(Registry& registry, ContentCache& cache);

}  // namespace imglife
