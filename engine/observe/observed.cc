#include "engine/observe/observed.h"

#include <algorithm>

#include "schema/image/filtered_index.h"
#include "schema/image/placeholder.h"

namespace imglife {

std::string ObservedImage::Label(const std::string& name) const {
  for (const ObservedPlatform& platform : platforms) {
    const auto label = platform.config.labels.find(name);
    if (label != platform.config.labels.end()) return label->second;
  }
  return "";
}

bool ObservedRepository::Has(const std::string& tag) const {
  return std::binary_search(tags.begin(), tags.end(), tag);
}

const ObservedRepository* Observed::FindRepository(const Repository& repository) const {
  const auto at = repositories.find(repository);
  return at == repositories.end() || !at->second.listed ? nullptr : &at->second;
}

const ObservedImage* Observed::FindImage(const Repository& repository,
                                         const std::string& tag) const {
  const Digest digest = DigestOf(repository, tag);
  if (digest.empty()) return nullptr;
  const auto at = images.find({repository, digest});
  if (at == images.end() || !at->second.ok() || at->second->placeholder_of == tag) {
    return nullptr;
  }
  return &*at->second;
}

Digest Observed::DigestOf(const Repository& repository, const std::string& tag) const {
  const auto found = repositories.find(repository);
  if (found == repositories.end()) return {};
  const auto at = found->second.resolved.find(tag);
  return at == found->second.resolved.end() || !at->second.ok() ? Digest() : at->second->digest;
}

const Manifest* Observed::FindManifest(const Repository& repository, const std::string& tag) const {
  const ImageKey key{repository, DigestOf(repository, tag)};
  const auto top = top_manifests.find(key);
  if (top != top_manifests.end()) return &top->second;
  const auto image = images.find(key);
  return image == images.end() || !image->second.ok() ? nullptr : &image->second->manifest;
}

bool Observed::IsPlaceholder(const Repository& repository, const std::string& tag) const {
  const Digest digest = DigestOf(repository, tag);
  const auto image = images.find({repository, digest});
  if (image != images.end() && image->second.ok()) return image->second->placeholder_of == tag;
  const Manifest* manifest = FindManifest(repository, tag);
  return manifest != nullptr && PlaceholderOf(*manifest, digest) == tag;
}

bool Observed::IsMadeFrom(const Repository& mirror, const std::string& tag, const Digest& source,
                          const std::vector<Platform>& platforms) const {
  const bool same = DigestOf(mirror, tag) == source;
  if (platforms.empty()) return same;
  const Manifest* manifest = FindManifest(mirror, tag);
  if (manifest == nullptr) return false;
  // What is no index has nothing to leave out.
  return manifest->is_index ? IsFilteredFrom(*manifest, source, platforms) : same;
}

}  // namespace imglife
