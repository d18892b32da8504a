// One image layout on disk (OCI image-spec 1.1, image-layout.md), written by several threads and
// processes at once.
//
// Beside what the specification names, the directory holds `.imglife/`: two lock files and what is
// being written. index.json changes only under the first lock, and is replaced as a whole. Who
// writes holds a lease on the second as long as his Layout lives, and what nobody needs is only
// removed by who is alone: a blob that another process has pushed and not yet named is never lost.
// What this object has pushed stays until a named manifest needs it or the object goes. What it has
// told its caller to be there it doesn't remove itself for as long; as asking takes no lease,
// another process may, as long as this object has written nothing. A manifest that needs it is
// refused then.
//
// Reading needs neither lock, and no right to write.
//
// Thread safety: any number of threads may call. Codes are those of providers/registry.h; messages
// name files.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "providers/registry.h"
#include "providers/registry/ocidir/blob_store.h"
#include "providers/registry/ocidir/layout_index.h"
#include "providers/registry/ocidir/layout_lock.h"
#include "providers/registry/ocidir/manifest_graph.h"

namespace imglife {

class Layout {
 public:
  // Other tools (skopeo) take no lease and write index.json last: what no entry has
  // ever needed may belong to a copy of theirs that is still under way. A day is longer than any
  // takes.
  static constexpr std::chrono::hours kLongestCopy{24};

  // The directory need not exist.
  explicit Layout(std::string directory);

  const BlobStore& blobs() const { return blobs_; }

  // Nothing if there is no image layout. InvalidArgument or DataLoss if there is one that can't be
  // understood.
  absl::StatusOr<std::optional<LayoutIndex>> ReadIndex() const;

  // NotFound if the layout has no manifest of this digest: a blob of another kind is none.
  absl::StatusOr<ManifestBytes> ReadManifest(const LayoutIndex& index, const Digest& digest) const;

  // Is the blob there? This object then leaves it there (see above).
  absl::StatusOr<bool> KeepIfPresent(const Digest& digest);

  // Makes the layout if it is missing.
  absl::StatusOr<PushOutcome> PushBlob(const Descriptor& blob, const OpenBlob& open,
                                       const std::vector<const BlobStore*>& mount_from);
  // `tag` is a valid tag, or empty: then the manifest is stored by its digest, and has an entry in
  // index.json only if it refers to another. The digest was verified. Makes the layout if it is
  // missing.
  absl::Status PutManifest(const std::string& tag, const ManifestBytes& manifest);

  // Removes the name if it names `expected`, and then what nobody needs any more: what no entry of
  // index.json reaches through children, configs, layers and subjects, and what doesn't refer to
  // something that is kept. If that can't be told for certain, or others are writing, it stays
  // until another removal. So does what nothing needed before, until it is kLongestCopy old.
  absl::Status RemoveTag(const std::string& tag, const Digest& expected);
  // Likewise for a manifest with all its tags, and its entry as a referrer. Aborted, and nothing
  // was removed, if a foreign entry (entry_roles.h) is it or leads to it, or if it is a part of
  // what another tag or referrer names. Fails also if that can't be told.
  absl::Status RemoveManifest(const Digest& digest);

  // As Registry::ListReferrers.
  absl::StatusOr<std::vector<Descriptor>> ListReferrers(const Digest& subject);

  // What the foreign entries name, and how messages call those; without what isn't there, or is no
  // manifest for certain.
  std::map<Digest, std::string> ListHeld(const LayoutIndex& index);

  // Can this process change the layout, or make it?
  bool IsWritable() const;

 private:
  std::string File(const std::string& name) const { return directory_ + "/" + name; }
  absl::Status CheckVersion() const;
  absl::Status WriteFile(const std::string& name, std::string_view content) const;
  absl::Status WriteIndex(const LayoutIndex& index) const;

  // Everything of a change but the change itself: takes the lock (and, the first time, the lease),
  // and reads the index.
  struct Change {
    FileLock lock;
    LayoutIndex index;
  };
  enum class IfMissing { kMake, kFail };
  absl::StatusOr<Change> BeginChange(IfMissing if_missing);
  absl::Status MakeLayout();
  absl::StatusOr<PushOutcome> Upload(const Descriptor& blob, ByteReader& reader,
                                     PushOutcome outcome);
  absl::Status CheckParts(const Manifest& manifest) const;
  absl::Status CheckUnneeded(const LayoutIndex& index, const Digest& digest);
  // `before`: what was needed until this change.
  void Collect(const std::set<Digest>& before, const LayoutIndex& index);
  absl::StatusOr<std::set<Digest>> FindNeeded(const LayoutIndex& index);
  void RemoveLeftovers() const;

  const std::string directory_;
  const BlobStore blobs_;
  std::mutex mutex_;
  std::optional<WriterLease> lease_;
  ManifestGraph graph_;
  std::set<Digest> kept_;
  int uploads_ = 0;
};

}  // namespace imglife
