#include "engine/observe/observed.h"

#include <algorithm>

namespace imglife {

bool ObservedImage::IsFilteredFrom(const Digest& source,
                                   const std::vector<Platform>& wanted) const {
  const auto noted = manifest.annotations.find(std::string(annotation::kSourceDigest));
  if (noted == manifest.annotations.end() || noted->second != source.str()) return false;
  const auto is_wanted = [&](const ObservedPlatform& part) {
    return std::any_of(wanted.begin(), wanted.end(),
                       [&](const Platform& platform) { return platform.Accepts(part.platform); });
  };
  const auto is_there = [&](const Platform& platform) {
    return std::any_of(platforms.begin(), platforms.end(), [&](const ObservedPlatform& part) {
      return platform.Accepts(part.platform);
    });
  };
  return std::all_of(platforms.begin(), platforms.end(), is_wanted) &&
         std::all_of(wanted.begin(), wanted.end(), is_there);
}

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
