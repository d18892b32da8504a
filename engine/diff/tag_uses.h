// What the tags of a repository lead to. Pure.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/observe/observed.h"

namespace imglife {

// Who uses a digest (guard 1).
class TagUses {
 public:
  // `repository` was listed, and the images behind all of its tags were read.
  TagUses(const Observed& observed, const Repository& repository);

  // The other names of a tag's digest.
  std::vector<std::string> OtherTags(const Digest& digest, const std::string& tag) const;

  // Does an index have it as a child?
  bool IsPart(const Digest& digest) const { return parents_.count(digest) > 0; }

  // Tags of images that have it as their subject, other than its own referrer tags.
  std::vector<std::string> TaggedReferrers(const Digest& digest) const;

  // Children that no other index has, no tag names, and no tagged image has as its subject.
  std::vector<Digest> ExclusiveChildren(const Digest& digest) const;

  // "sha256-….sig" and the like that belong to it, sorted.
  std::vector<std::string> ReferrerTags(const Digest& digest) const;

 private:
  void Add(const Digest& digest, const ObservedImage& image);

  std::map<Digest, std::vector<std::string>> tags_;
  std::map<Digest, std::set<Digest>> parents_;
  std::map<Digest, std::set<Digest>> children_;
  std::map<Digest, std::set<Digest>> subjects_of_;
};

}  // namespace imglife
