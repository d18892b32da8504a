// What a deletion takes along, and what keeps it from going whole (guard 1; registry.md, "Deleting
// a tag"). The plan and each deletion itself judge by this. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/observe/repository_use.h"
#include "engine/plan/action.h"
#include "providers/registry.h"

namespace imglife {

struct Removal {
  // Other tags of the digest.
  std::vector<std::string> siblings;
  // What else names it and stays (TagList::held); empty if nothing does.
  std::string holder;
  // Manifests that stay and have it as a child, or whose subject it is.
  std::vector<Digest> users;
  // The image that it belongs to, as its signature or SBOM, and that stays: who looks for what
  // refers to that image finds it, whatever its tags.
  std::optional<Digest> subject;

  // What goes with the manifest, if it goes. Empty while something uses it.
  //
  // Every manifest, its own included: the largest set that nothing else leads to.
  std::set<Digest> manifests;
  // Of those: parts of the image, in the order of its indexes.
  std::vector<Digest> children;
  // Of those: what refers to it, to a part of it, or to one of these.
  std::vector<Digest> referrers;
  // Tags of what belongs to something that goes ("sha256-….sig"), sorted. What they name goes too
  // if it is in `manifests`, else the tag alone.
  std::vector<std::string> referrer_tags;

  // Does the manifest go, or only this name of it?
  bool IsWhole() const { return siblings.empty() && holder.empty() && users.empty() && !subject; }
};

// `use` has all that the repository's tags, and what else it holds, lead to, and all that refers to
// `digest`, to its parts, or to something of that. `listed` is what is said to refer to `digest`:
// what doesn't say so itself stays.
Removal JudgeRemoval(const RepositoryUse& use, const std::string& tag, const Digest& digest,
                     const std::vector<Descriptor>& listed);

// How the tag goes on a registry that can do this; nothing if it can't go there.
std::optional<DeleteWork::Way> WayOf(const Removal& removal, const Capabilities& can);

// The bytes of `manifests` and of the blobs that no other manifest in `use` has.
std::int64_t BytesOf(const Removal& removal, const RepositoryUse& use);

}  // namespace imglife
