#include "engine/diff/tag_uses.h"

#include <algorithm>

#include "fmt/format.h"

#include "engine/observe/referrer_tag.h"

namespace imglife {

TagUses::TagUses(const Observed& observed, const Repository& repository) {
  for (const std::string& tag : observed.FindRepository(repository)->tags) {
    const Digest digest = observed.DigestOf(repository, tag);
    if (digest.empty()) continue;
    tags_[digest].push_back(tag);
    const auto image = observed.images.find({repository, digest});
    if (image != observed.images.end() && image->second.ok()) Add(digest, *image->second);
  }
}

void TagUses::Add(const Digest& digest, const ObservedImage& image) {
  for (const Descriptor& child : image.manifest.children) {
    parents_[child.digest].insert(digest);
    children_[digest].insert(child.digest);
  }
  if (image.manifest.subject) subjects_of_[image.manifest.subject->digest].insert(digest);
  for (const ObservedPlatform& platform : image.platforms) {
    for (const Descriptor& child : platform.manifest.children) {
      parents_[child.digest].insert(platform.digest);
    }
  }
}

std::vector<std::string> TagUses::OtherTags(const Digest& digest, const std::string& tag) const {
  std::vector<std::string> others;
  const auto at = tags_.find(digest);
  if (at == tags_.end()) return others;
  for (const std::string& name : at->second) {
    if (name != tag) others.push_back(name);
  }
  return others;
}

std::vector<std::string> TagUses::TaggedReferrers(const Digest& digest) const {
  std::vector<std::string> names;
  const auto at = subjects_of_.find(digest);
  if (at == subjects_of_.end()) return names;
  for (const Digest& referrer : at->second) {
    for (const std::string& tag : tags_.at(referrer)) {
      if (!IsReferrerTag(tag)) names.push_back(tag);
    }
  }
  return names;
}

std::vector<Digest> TagUses::ExclusiveChildren(const Digest& digest) const {
  std::vector<Digest> exclusive;
  const auto at = children_.find(digest);
  if (at == children_.end()) return exclusive;
  for (const Digest& child : at->second) {
    const bool shared = parents_.at(child).size() > 1 || tags_.count(child) > 0;
    if (!shared && TaggedReferrers(child).empty()) exclusive.push_back(child);
  }
  return exclusive;
}

std::vector<std::string> TagUses::ReferrerTags(const Digest& digest) const {
  std::vector<std::string> names;
  const std::string prefix = fmt::format("{}-{}", digest.algorithm(), digest.hex());
  for (const auto& [named, tags] : tags_) {
    for (const std::string& tag : tags) {
      if (IsReferrerTag(tag) && tag.rfind(prefix, 0) == 0) names.push_back(tag);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace imglife
