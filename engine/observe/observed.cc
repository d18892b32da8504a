#include "engine/observe/observed.h"

#include <algorithm>

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
  if (at == images.end() || !at->second.ok() || at->second->placeholder) return nullptr;
  return &*at->second;
}

Digest Observed::DigestOf(const Repository& repository, const std::string& tag) const {
  const auto found = repositories.find(repository);
  if (found == repositories.end()) return {};
  const auto at = found->second.resolved.find(tag);
  return at == found->second.resolved.end() || !at->second.ok() ? Digest() : at->second->digest;
}

}  // namespace imglife
