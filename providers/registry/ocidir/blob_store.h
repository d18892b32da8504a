// blobs/ of an image layout (OCI image-spec 1.1, image-layout.md, "Content").
//
// Paths come from digests only, whose form makes them safe. A blob has its name only after its
// bytes were verified and are on disk.
//
// Thread safety: any number of threads, and of processes, may call at once.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "providers/registry.h"
#include "providers/registry/ocidir/layout_files.h"
#include "schema/image/digest.h"
#include "schema/image/manifest.h"

namespace imglife {

class BlobStore {
 public:
  // `temporary` is a directory in the same file system for files that are being written.
  BlobStore(std::string layout, std::string temporary)
      : blobs_(std::move(layout) + "/blobs"), temporary_(std::move(temporary)) {}

  std::string PathOf(const Digest& digest) const;

  // NotFound if there is no such blob; the bytes aren't looked at.
  absl::StatusOr<std::int64_t> SizeOf(const Digest& digest) const;
  // Is there a blob of this digest and size? One of another size is damaged: not there.
  bool Has(const Descriptor& blob) const;

  // NotFound if there is no such blob. The last Read fails with DataLoss if digest or size differ.
  absl::StatusOr<std::unique_ptr<ByteReader>> Open(const Descriptor& blob) const;
  // All of a blob of at most kMaxManifestBytes. NotFound; DataLoss if the digest differs;
  // InvalidArgument if it is larger.
  absl::StatusOr<std::string> ReadSmall(const Digest& digest) const;

  // A verified blob without its name yet. DataLoss if what `reader` gives isn't `blob`; the
  // reader's own errors as they are.
  absl::StatusOr<PendingFile> Receive(const Descriptor& blob, ByteReader& reader) const;
  absl::Status Commit(PendingFile file, const Digest& digest) const;
  // Stores bytes whose digest the caller has verified.
  absl::Status Store(const Digest& digest, std::string_view bytes) const;
  // Gives the blob of another store a name here. False if that can't be done (it isn't there, or
  // is in another file system).
  bool Link(const BlobStore& source, const Descriptor& blob) const;

  // Was it written, or couldn't be told when, less than `age` ago?
  bool IsYounger(const Digest& digest, std::chrono::seconds age) const;

  // NotFound if it isn't there. After a crash it may be there again. One behind a symbolic link
  // stays: other layouts may share it.
  absl::Status Remove(const Digest& digest) const;
  // Every blob's digest, sorted. FailedPrecondition if the blobs are behind a symbolic link: other
  // layouts may share them.
  absl::StatusOr<std::vector<Digest>> List() const;

 private:
  std::string DirectoryOf(std::string_view algorithm) const;
  bool IsShared(std::string_view algorithm) const;

  const std::string blobs_;
  const std::string temporary_;
};

// Are these the bytes of the digest? False for an empty digest.
bool IsDigestOf(const Digest& digest, std::string_view bytes);

}  // namespace imglife
