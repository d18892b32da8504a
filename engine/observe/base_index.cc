#include "engine/observe/base_index.h"

namespace imglife {

void BaseIndex::Add(const Reference& tag, const ObservedImage* image) {
  const Reference name{tag.repository, tag.tag, {}};
  by_name_[IdentityOf(name)].insert(name);
  if (!tag.digest.empty()) by_digest_[tag.digest].insert(name);
  if (image == nullptr) return;
  for (const ObservedPlatform& platform : image->platforms) {
    by_digest_[platform.digest].insert(name);
  }
}

void BaseIndex::AddFormerName(const Reference& name, const Reference& tag) {
  by_former_name_[IdentityOf(name)].insert({tag.repository, tag.tag, {}});
}

std::set<Reference> BaseIndex::Find(const NamedBases& bases) const {
  std::set<Reference> found;
  AddFound(by_name_, bases, found);
  if (bases.digests.empty()) AddFound(by_former_name_, bases, found);
  for (const Digest& digest : bases.digests) {
    const auto named = by_digest_.find(digest);
    if (named != by_digest_.end()) found.insert(named->second.begin(), named->second.end());
  }
  return found;
}

void BaseIndex::AddFound(const Tags& tags, const NamedBases& bases,
                         std::set<Reference>& found) const {
  for (const Reference& name : bases.names) {
    const auto named = tags.find(IdentityOf(name));
    if (named != tags.end()) found.insert(named->second.begin(), named->second.end());
  }
}

Reference BaseIndex::IdentityOf(const Reference& name) const {
  return {servers_.IdentityOf(name.repository), name.tag, {}};
}

}  // namespace imglife
