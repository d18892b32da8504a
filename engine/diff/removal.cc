#include "engine/diff/removal.h"

#include <algorithm>
#include <map>
#include <utility>

#include "engine/observe/referrer_tag.h"

namespace imglife {
namespace {

bool HasChild(const Manifest& manifest, const Digest& digest) {
  return std::any_of(manifest.children.begin(), manifest.children.end(),
                     [&](const Descriptor& child) { return child.digest == digest; });
}

// The largest set of manifests that contains `top` and to which only its own members and the tags
// of its members' referrers lead: everything that could go with `top`, reduced until nothing
// outside leads into it.
class GoingSet {
 public:
  GoingSet(const RepositoryUse& use, const Digest& top, const std::vector<Descriptor>& listed)
      : use_(use), top_(top) {
    Enter(top);
    for (const Descriptor& referrer : listed) {
      if (RefersToWhatGoes(referrer.digest)) Enter(referrer.digest);
    }
    const std::vector<Digest> entered(going_.begin(), going_.end());
    for (const Digest& digest : entered) Check(digest);
  }

  bool Has(const Digest& digest) const { return going_.count(digest) > 0; }
  const std::set<Digest>& manifests() const { return going_; }
  std::vector<std::string> ReferrerTags() const {
    return {referrer_tags_.begin(), referrer_tags_.end()};
  }

 private:
  // Nothing here calls itself: whoever pushes decides how far manifests lead.
  void Enter(const Digest& first) {
    for (std::vector<Digest> waiting{first}; !waiting.empty();) {
      const Digest digest = std::move(waiting.back());
      waiting.pop_back();
      if (!going_.insert(digest).second) continue;
      if (const Manifest* manifest = use_.Find(digest)) {
        const bool is_list = lists_.count(digest) > 0;
        for (const Descriptor& child : manifest->children) {
          if (!is_list || RefersToWhatGoes(child.digest)) waiting.push_back(child.digest);
        }
      }
      for (const std::string& tag : use_.ReferrerTagsOf(digest)) {
        const Digest& named = use_.tags().at(tag);
        referrer_tags_.insert(tag);
        if (IsFallbackTag(tag)) lists_.insert(named);
        waiting.push_back(named);
      }
      if (digest != top_) AddReferrersOf(digest, waiting);
    }
  }

  // Those without a tag: no list needs to tell of them.
  void AddReferrersOf(const Digest& subject, std::vector<Digest>& waiting) const {
    for (const Digest& user : use_.UsersOf(subject)) {
      const bool refers = RefersTo(*use_.Find(user), subject);
      if (refers && use_.TagsOf(user).empty()) waiting.push_back(user);
    }
  }

  // A list may be that of another image: who refers to what only the referrer itself says.
  bool RefersToWhatGoes(const Digest& digest) const {
    const Manifest* manifest = use_.Find(digest);
    return manifest != nullptr && manifest->subject && Has(manifest->subject->digest);
  }

  // A part goes whatever it refers to: an attestation belongs to its index.
  bool IsPart(const Digest& digest) const {
    const std::set<Digest>& users = use_.UsersOf(digest);
    return std::any_of(users.begin(), users.end(), [&](const Digest& user) {
      return Has(user) && lists_.count(user) == 0 && HasChild(*use_.Find(user), digest);
    });
  }

  bool HasSubjectThatStays(const Digest& digest) const {
    const Manifest* manifest = use_.Find(digest);
    if (manifest == nullptr || !manifest->subject || IsPart(digest)) return false;
    const Digest& subject = manifest->subject->digest;
    return !Has(subject) && use_.Find(subject) != nullptr;
  }

  bool IsUsedOutside(const Digest& digest) const {
    const std::set<std::string>& tags = use_.TagsOf(digest);
    const std::set<Digest>& users = use_.UsersOf(digest);
    return !use_.HolderOf(digest).empty() || use_.IsKept(digest) || HasSubjectThatStays(digest) ||
           std::any_of(tags.begin(), tags.end(),
                       [&](const std::string& tag) { return referrer_tags_.count(tag) == 0; }) ||
           std::any_of(users.begin(), users.end(),
                       [&](const Digest& user) { return going_.count(user) == 0; });
  }

  // What is used stays, with all that it leads to, what refers to it, and their tags.
  void Check(const Digest& first) {
    for (std::vector<Digest> waiting{first}; !waiting.empty();) {
      const Digest digest = std::move(waiting.back());
      waiting.pop_back();
      if (digest == top_ || !Has(digest) || !IsUsedOutside(digest)) continue;
      going_.erase(digest);
      for (const std::string& tag : use_.ReferrerTagsOf(digest)) {
        referrer_tags_.erase(tag);
        waiting.push_back(use_.tags().at(tag));
      }
      const std::set<Digest>& users = use_.UsersOf(digest);
      waiting.insert(waiting.end(), users.begin(), users.end());
      const Manifest* manifest = use_.Find(digest);
      if (manifest == nullptr) continue;
      for (const Digest& link : LinksOf(*manifest)) waiting.push_back(link);
    }
  }

  const RepositoryUse& use_;
  const Digest top_;
  std::set<Digest> going_;
  std::set<std::string> referrer_tags_;
  // Lists of referrers under fallback tags: what they name are no parts of them.
  std::set<Digest> lists_;
};

// Those that go, in the order of the indexes, each followed by its own.
std::vector<Digest> CollectChildren(const RepositoryUse& use, const GoingSet& going,
                                    const Digest& top, std::set<Digest>& seen) {
  std::vector<Digest> children;
  for (std::vector<Digest> waiting{top}; !waiting.empty();) {
    const Digest digest = std::move(waiting.back());
    waiting.pop_back();
    if (digest != top && !seen.insert(digest).second) continue;
    if (digest != top) children.push_back(digest);
    const Manifest& manifest = *use.Find(digest);
    for (auto child = manifest.children.rbegin(); child != manifest.children.rend(); ++child) {
      const bool goes = going.Has(child->digest) && use.Find(child->digest) != nullptr;
      if (goes) waiting.push_back(child->digest);
    }
  }
  return children;
}

// What refers to a part of the image or to another referrer: known from the list under the tag of
// its subject, and named by no tag of its own.
void CollectFurtherReferrers(const RepositoryUse& use, const std::set<Digest>& seen,
                             Removal& removal) {
  for (const Digest& digest : removal.manifests) {
    const Manifest* manifest = use.Find(digest);
    const bool refers = manifest != nullptr && manifest->subject;
    const bool further = refers && seen.count(digest) == 0 && use.TagsOf(digest).empty();
    if (further) removal.referrers.push_back(digest);
  }
}

// Does it have a tag, or is it held otherwise, or does anything of that kind have it as its part or
// as its referrer?
bool Stays(const RepositoryUse& use, const Digest& first) {
  std::set<Digest> seen;
  for (std::vector<Digest> waiting{first}; !waiting.empty();) {
    const Digest digest = std::move(waiting.back());
    waiting.pop_back();
    if (!seen.insert(digest).second) continue;
    if (!use.TagsOf(digest).empty() || !use.HolderOf(digest).empty()) return true;
    for (const Digest& user : use.UsersOf(digest)) {
      if (HasChild(*use.Find(user), digest)) waiting.push_back(user);
    }
    const Manifest* manifest = use.Find(digest);
    if (manifest != nullptr && manifest->subject) waiting.push_back(manifest->subject->digest);
  }
  return false;
}

std::optional<Digest> SubjectThatStays(const RepositoryUse& use, const Digest& digest) {
  const Manifest* manifest = use.Find(digest);
  if (manifest == nullptr || !manifest->subject) return std::nullopt;
  const Digest& subject = manifest->subject->digest;
  const bool stays = subject != digest && use.Find(subject) != nullptr && Stays(use, subject);
  return stays ? std::optional(subject) : std::nullopt;
}

}  // namespace

Removal JudgeRemoval(const RepositoryUse& use, const std::string& tag, const Digest& digest,
                     const std::vector<Descriptor>& listed) {
  const GoingSet going(use, digest, listed);
  Removal removal;
  for (const std::string& name : use.TagsOf(digest)) {
    if (name != tag) removal.siblings.push_back(name);
  }
  removal.holder = use.HolderOf(digest);
  for (const Digest& user : use.UsersOf(digest)) {
    if (!going.Has(user)) removal.users.push_back(user);
  }
  removal.subject = SubjectThatStays(use, digest);
  if (!removal.IsWhole()) return removal;
  removal.manifests = going.manifests();
  removal.referrer_tags = going.ReferrerTags();
  std::set<Digest> seen;
  if (use.Find(digest) != nullptr) removal.children = CollectChildren(use, going, digest, seen);
  for (const Descriptor& referrer : listed) {
    if (!going.Has(referrer.digest)) continue;
    seen.insert(referrer.digest);
    removal.referrers.push_back(referrer.digest);
  }
  CollectFurtherReferrers(use, seen, removal);
  return removal;
}

std::optional<DeleteWork::Way> WayOf(const Removal& removal, const Capabilities& can) {
  if (removal.IsWhole() && can.deletes_manifests) return DeleteWork::Way::kManifest;
  if (can.untag != UntagMethod::kNone) return DeleteWork::Way::kUntag;
  return std::nullopt;
}

std::int64_t BytesOf(const Removal& removal, const RepositoryUse& use) {
  std::int64_t bytes = 0;
  std::map<Digest, std::int64_t> blobs;
  for (const Digest& digest : removal.manifests) {
    bytes += use.SizeOf(digest);
    if (const Manifest* manifest = use.Find(digest)) blobs.merge(StoredBlobs(*manifest));
  }
  for (const auto& [blob, size] : blobs) {
    const std::set<Digest>& users = use.UsersOfBlob(blob);
    const bool only_these = std::includes(removal.manifests.begin(), removal.manifests.end(),
                                          users.begin(), users.end());
    if (only_these) bytes += size;
  }
  return bytes;
}

}  // namespace imglife
