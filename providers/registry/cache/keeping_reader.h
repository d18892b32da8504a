// Reads a blob and puts it into the cache once it was read to its end.
#pragma once

#include <memory>

#include "providers/registry.h"
#include "providers/registry/cache/content_cache.h"

namespace imglife {

// `inner` verifies what it reads, as Registry::GetBlob's readers do. `cache` must outlive the
// result.
std::unique_ptr<ByteReader> MakeKeepingReader(std::unique_ptr<ByteReader> inner,
                                              const Digest& digest, ContentCache& cache);

}  // namespace imglife
