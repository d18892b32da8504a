// Blobs that tests of the distribution client push and pull.
#pragma once

#include <cstdint>
#include <string>

#include "schema/image/manifest.h"

namespace imglife {

inline Descriptor BlobOf(const std::string& bytes) {
  Descriptor blob;
  blob.media_type = "application/octet-stream";
  blob.digest = Digest::OfBytes(bytes);
  blob.size = static_cast<std::int64_t>(bytes.size());
  return blob;
}

}  // namespace imglife
