// Copying an image between registries (registry.md, "Copying").
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"

#include "engine/apply/manifest_copies.h"
#include "engine/observe/registry_memo.h"
#include "schema/image/manifest.h"
#include "schema/image/reference.h"

namespace imglife {

// What one apply knows of blobs: each is pushed once per target registry, then mounted. Callers
// that want the same blob at the same place at once share one push.
//
// Thread safety: any number of threads may call.
class BlobCopies {
 public:
  virtual ~BlobCopies() = default;
  // The blob is in `target` when this returns OK. How many bytes this call has uploaded: none where
  // the blob was there, was mounted, or came with another call.
  virtual absl::StatusOr<std::int64_t> Ensure(const Repository& source, const Repository& target,
                                              const Descriptor& blob) = 0;
};

// `stop` set: transfers end at the next piece (Cancelled).
std::unique_ptr<BlobCopies> MakeBlobCopies(RegistryMemo& registry, const std::atomic<bool>& stop);

struct CopyRequest {
  Repository source;
  Digest digest;
  Repository target;
  std::string target_tag;
  std::vector<Platform> platforms;  // empty: all
  // What the tag shall be; where that isn't what comes out nothing is transferred.
  std::optional<Digest> expected = {};
  // Called when all manifests have been read (if it fails nothing is transferred), and when the
  // target has all blobs: but for what is between them, a copy is a few small requests. May be
  // empty.
  std::function<absl::Status()> before_blobs = {};
  std::function<void()> after_blobs = {};
  // Called directly before the tag is written, after all that takes long; if it fails the tag stays
  // as it is. May be empty.
  std::function<absl::Status()> before_tag = {};
};

struct CopiedImage {
  // That of the tag.
  Digest digest;
  // Bytes of blobs and manifests that this copy has sent to the target.
  std::int64_t sent = 0;
};

// Blobs, then children by digest, the tag last: a failed copy leaves the old tag as it was. What
// `blobs` and `manifests` know to be in the target isn't sent again, and what another copy is
// sending is waited for. `stop` set: gives up before the next transfer (Cancelled).
// FailedPrecondition: it isn't the expected digest. Errors of `before_tag` are passed on.
absl::StatusOr<CopiedImage> CopyImage(RegistryMemo& registry, BlobCopies& blobs,
                                      ManifestCopies& manifests, const CopyRequest& request,
                                      const std::atomic<bool>& stop);

}  // namespace imglife
