// Which blobs of an image layout are needed by what (OCI image-spec 1.1: manifest.md,
// image-index.md, "subject").
//
// Thread safety: none; one thread at a time.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "providers/registry/ocidir/blob_store.h"
#include "schema/image/digest.h"
#include "schema/image/manifest.h"

namespace imglife {

// The media type of bytes that are a manifest or an index by their own account: `mediaType` in the
// body, else what their fields make them (OCI doesn't demand the field). Empty if they are
// something else, as an image config or a layer.
std::string SniffManifestType(std::string_view content);

class ManifestGraph {
 public:
  // `blobs` must outlive the object.
  explicit ManifestGraph(const BlobStore& blobs) : blobs_(blobs) {}

  // Adds to `reached` all that the manifests and indexes need, themselves included: configs,
  // layers, children with all that they need, and subjects with all that they need. A root may also
  // be a blob of another kind. A subject may be missing. Fails if any other manifest is missing or
  // can't be read or understood: then nothing is known about what it needs.
  absl::Status Reach(const std::vector<Descriptor>& roots, std::set<Digest>& reached);

  // Adds to `reached` those of `candidates` that refer to something in it, with all that they need,
  // and what refers to those. Fails if a candidate can't be read, or is a manifest that can't be
  // understood: it might refer to something.
  absl::Status ReachReferrers(const std::vector<Digest>& candidates, std::set<Digest>& reached);

  // Does the root need the blob: as a part of it or of one of its parts, or (if `through_subjects`)
  // as what one of them refers to, or as a part of that? Not of itself. What isn't there needs
  // nothing. Fails if a manifest can't be read or understood.
  absl::StatusOr<bool> Needs(const Descriptor& root, const Digest& blob, bool through_subjects);

  // The manifests of `roots` and of indexes among them, at any depth, that are there.
  absl::StatusOr<std::vector<Descriptor>> ListManifests(const std::vector<Descriptor>& roots);

  // What a manifest names. Content has one digest for ever, so it is read once.
  struct Links {
    std::string media_type;  // empty: not a manifest
    std::vector<Descriptor> children;
    std::vector<Digest> blobs;
    std::optional<Digest> subject;
  };
  // NotFound if the blob isn't there.
  absl::StatusOr<const Links*> LinksOf(const Descriptor& blob);

 private:
  const BlobStore& blobs_;
  std::map<Digest, Links> links_;
};

}  // namespace imglife
