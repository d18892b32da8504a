#include "providers/registry/distribution/manifest_push.h"

#include <algorithm>
#include <iterator>

#include "providers/registry/distribution/blobs.h"
#include "providers/registry/distribution/manifests.h"

namespace imglife {
namespace {

// Layers with URLs are fetched from elsewhere (docker foreign layers); registries don't hold them.
std::vector<Descriptor> BlobsOf(const Manifest& manifest) {
  if (manifest.is_index) return {};
  std::vector<Descriptor> blobs = {manifest.config};
  std::copy_if(manifest.layers.begin(), manifest.layers.end(), std::back_inserter(blobs),
               [](const Descriptor& layer) { return layer.urls.empty(); });
  return blobs;
}

std::vector<Digest> PartsOf(const Manifest& manifest) {
  std::vector<Digest> parts;
  for (const Descriptor& child : manifest.children) parts.push_back(child.digest);
  for (const Descriptor& blob : BlobsOf(manifest)) parts.push_back(blob.digest);
  return parts;
}

}  // namespace

absl::StatusOr<bool> ManifestPushes::Push(const Repository& repository,
                                          const std::string& tag_or_digest,
                                          const ManifestBytes& manifest, const Digest& before) {
  const absl::StatusOr<Manifest> parsed = ParseManifest(manifest.media_type, manifest.content);
  // What can't be understood is the registry's to judge.
  if (!parsed.ok()) return StoreManifest(client_, repository, tag_or_digest, manifest, before);
  const PartTurns::Turn turn = turns_.Take(repository, manifest.digest, PartsOf(*parsed));
  absl::StatusOr<bool> stored = StoreManifest(client_, repository, tag_or_digest, manifest, before);
  if (!absl::IsFailedPrecondition(stored.status()) || !HasAll(repository, *parsed)) return stored;
  return StoreManifest(client_, repository, tag_or_digest, manifest, before);
}

// False also where that can't be told.
bool ManifestPushes::HasAll(const Repository& repository, const Manifest& manifest) {
  const auto has_manifest = [&](const Descriptor& child) {
    return ResolveManifest(client_, repository, child.digest.str()).ok();
  };
  const auto has_blob = [&](const Descriptor& blob) {
    return HasRemoteBlob(client_, repository, blob.digest).value_or(false);
  };
  const std::vector<Descriptor> blobs = BlobsOf(manifest);
  return std::all_of(manifest.children.begin(), manifest.children.end(), has_manifest) &&
         std::all_of(blobs.begin(), blobs.end(), has_blob);
}

}  // namespace imglife
