// Who uses what in a repository: its tags and what else it holds, and every manifest that those
// lead to.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "schema/image/digest.h"
#include "schema/image/manifest.h"

namespace imglife {

// Everything in it was read; what can't be is an error of who fills it, never a gap. All questions
// but those about tags cost the same whatever the size of the repository.
class RepositoryUse {
 public:
  // Also moves a tag that names something else.
  void SetTag(const std::string& tag, const Digest& digest);
  void RemoveTag(const std::string& tag);
  // What stays whatever happens to the tags, and what holds it (TagList::held).
  void SetHeld(std::map<Digest, std::string> held) { held_ = std::move(held); }
  // A part that stays whatever becomes of its images.
  void Keep(const Digest& digest) { kept_.insert(digest); }
  // `size`: of its bytes. A second time changes nothing.
  void Add(const Digest& digest, Manifest manifest, std::int64_t size);
  void Remove(const Digest& digest);

  const std::map<std::string, Digest>& tags() const { return tags_; }
  // Null if it wasn't read.
  const Manifest* Find(const Digest& digest) const;
  // 0 if it wasn't read.
  std::int64_t SizeOf(const Digest& digest) const;
  const std::set<std::string>& TagsOf(const Digest& digest) const;
  // What holds it besides tags; empty if nothing does.
  std::string HolderOf(const Digest& digest) const;
  bool IsKept(const Digest& digest) const { return kept_.count(digest) > 0; }
  // Manifests that have it as a child or whose subject it is.
  const std::set<Digest>& UsersOf(const Digest& digest) const;
  // Manifests that have the blob as their config or as a layer.
  const std::set<Digest>& UsersOfBlob(const Digest& blob) const;
  // "sha256-HEX" and "sha256-HEX.sig" and the like, sorted.
  std::vector<std::string> ReferrerTagsOf(const Digest& digest) const;

 private:
  struct Entry {
    Manifest manifest;
    std::int64_t size = 0;
  };
  using Index = std::map<Digest, std::set<Digest>>;

  std::map<std::string, Digest> tags_;
  std::map<Digest, std::set<std::string>> tags_of_;
  std::map<Digest, std::string> held_;
  std::set<Digest> kept_;
  std::map<Digest, Entry> manifests_;
  Index users_;
  Index blob_users_;
};

// What a manifest leads to: its children and its subject.
std::vector<Digest> LinksOf(const Manifest& manifest);

// What an index consists of, to the last part of its parts; of that what was read. Sorted.
std::vector<Digest> PartsOf(const RepositoryUse& use, const Digest& index);

// The config and the layers that a registry stores for this manifest, each once.
std::map<Digest, std::int64_t> StoredBlobs(const Manifest& manifest);

}  // namespace imglife
