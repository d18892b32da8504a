#include "engine/observe/repository_use.h"

#include <utility>

#include "fmt/format.h"

#include "engine/observe/referrer_tag.h"

namespace imglife {
namespace {

template <typename Value>
const std::set<Value>& SetAt(const std::map<Digest, std::set<Value>>& index, const Digest& key) {
  static const std::set<Value> kNone;
  const auto at = index.find(key);
  return at == index.end() ? kNone : at->second;
}

}  // namespace

void RepositoryUse::SetTag(const std::string& tag, const Digest& digest) {
  RemoveTag(tag);
  tags_[tag] = digest;
  tags_of_[digest].insert(tag);
}

void RepositoryUse::RemoveTag(const std::string& tag) {
  const auto at = tags_.find(tag);
  if (at == tags_.end()) return;
  tags_of_[at->second].erase(tag);
  tags_.erase(at);
}

void RepositoryUse::Add(const Digest& digest, Manifest manifest, std::int64_t size) {
  const auto [at, is_new] = manifests_.try_emplace(digest, Entry{std::move(manifest), size});
  if (!is_new) return;
  for (const Digest& link : LinksOf(at->second.manifest)) users_[link].insert(digest);
  for (const auto& [blob, bytes] : StoredBlobs(at->second.manifest)) {
    blob_users_[blob].insert(digest);
  }
}

void RepositoryUse::Remove(const Digest& digest) {
  const auto at = manifests_.find(digest);
  if (at == manifests_.end()) return;
  for (const Digest& link : LinksOf(at->second.manifest)) users_[link].erase(digest);
  for (const auto& [blob, bytes] : StoredBlobs(at->second.manifest)) {
    blob_users_[blob].erase(digest);
  }
  manifests_.erase(at);
}

const Manifest* RepositoryUse::Find(const Digest& digest) const {
  const auto at = manifests_.find(digest);
  return at == manifests_.end() ? nullptr : &at->second.manifest;
}

std::int64_t RepositoryUse::SizeOf(const Digest& digest) const {
  const auto at = manifests_.find(digest);
  return at == manifests_.end() ? 0 : at->second.size;
}

const std::set<std::string>& RepositoryUse::TagsOf(const Digest& digest) const {
  return SetAt(tags_of_, digest);
}

std::string RepositoryUse::HolderOf(const Digest& digest) const {
  const auto at = held_.find(digest);
  return at == held_.end() ? "" : at->second;
}

const std::set<Digest>& RepositoryUse::UsersOf(const Digest& digest) const {
  return SetAt(users_, digest);
}

const std::set<Digest>& RepositoryUse::UsersOfBlob(const Digest& blob) const {
  return SetAt(blob_users_, blob);
}

std::vector<std::string> RepositoryUse::ReferrerTagsOf(const Digest& digest) const {
  std::vector<std::string> found;
  const std::string prefix = fmt::format("{}-{}", digest.algorithm(), digest.hex());
  for (auto at = tags_.lower_bound(prefix); at != tags_.end(); ++at) {
    if (at->first.rfind(prefix, 0) != 0) break;
    if (IsReferrerTag(at->first)) found.push_back(at->first);
  }
  return found;
}

std::vector<Digest> LinksOf(const Manifest& manifest) {
  std::vector<Digest> links;
  for (const Descriptor& child : manifest.children) links.push_back(child.digest);
  if (manifest.subject) links.push_back(manifest.subject->digest);
  return links;
}

std::vector<Digest> PartsOf(const RepositoryUse& use, const Digest& index) {
  std::set<Digest> parts;
  for (std::vector<Digest> waiting{index}; !waiting.empty();) {
    const Manifest* manifest = use.Find(waiting.back());
    waiting.pop_back();
    if (manifest == nullptr) continue;
    for (const Descriptor& child : manifest->children) {
      const bool is_new = use.Find(child.digest) != nullptr && parts.insert(child.digest).second;
      if (is_new) waiting.push_back(child.digest);
    }
  }
  return {parts.begin(), parts.end()};
}

std::map<Digest, std::int64_t> StoredBlobs(const Manifest& manifest) {
  std::map<Digest, std::int64_t> blobs;
  if (manifest.is_index) return blobs;
  if (!manifest.config.digest.empty()) blobs[manifest.config.digest] = manifest.config.size;
  for (const Descriptor& layer : manifest.layers) {
    if (layer.urls.empty()) blobs[layer.digest] = layer.size;
  }
  return blobs;
}

}  // namespace imglife
