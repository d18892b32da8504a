#include "providers/registry/cache/content_cache.h"

#include <utility>

namespace imglife {
namespace {

std::string FolderOf(const Digest& digest) {
  return std::string(digest.algorithm());
}

std::string NameOf(const Digest& digest) {
  return std::string(digest.hex());
}

bool Has(const Digest& digest, std::string_view content) {
  Hasher hasher(digest.algorithm());
  hasher.Update(content);
  return hasher.Finish() == digest;
}

}  // namespace

ContentCache::ContentCache(Settings settings)
    : files_(std::move(settings.directory), {"sha256", "sha512", SeenTags::kFolder},
             settings.max_bytes),
      seen_tags_(files_, settings.refresh),
      refresh_(settings.refresh) {}

bool ContentCache::Holds(const Digest& digest) {
  return !refresh_ && files_.Has(FolderOf(digest), NameOf(digest));
}

std::optional<std::string> ContentCache::Find(const Digest& digest) {
  if (!Holds(digest)) return std::nullopt;
  auto content = files_.Read(FolderOf(digest), NameOf(digest), kMaxEntryBytes);
  if (content && Has(digest, *content)) return content;
  files_.Remove(FolderOf(digest), NameOf(digest));
  return std::nullopt;
}

void ContentCache::Store(const Digest& digest, std::string_view content) {
  // A broken entry must not stay in the way of a good one.
  if (content.size() > kMaxEntryBytes || Find(digest)) return;
  files_.Write(FolderOf(digest), NameOf(digest), content);
}

}  // namespace imglife
