#include "providers/registry/cache/cached_registry.h"

#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "providers/registry/cache/keeping_reader.h"
#include "providers/registry/forwarding_registry.h"
#include "schema/image/media_type.h"

namespace imglife {
namespace {

// Of a refusal the GET that follows tells more than a HEAD, which has no body; who could not be
// asked isn't asked once more.
bool WasAnswered(const absl::Status& status) {
  return !absl::IsUnavailable(status) && !absl::IsDeadlineExceeded(status) &&
         !absl::IsCancelled(status);
}

bool HasImageConfig(const Manifest& manifest) {
  return !manifest.is_index && (manifest.config.media_type == media_type::kOciConfig ||
                                manifest.config.media_type == media_type::kDockerConfig);
}

class CachedRegistry : public ForwardingRegistry {
 public:
  CachedRegistry(Registry& registry, ContentCache& cache) : registry_(registry), cache_(cache) {}

  absl::StatusOr<ManifestBytes> GetManifest(const Repository& repository,
                                            const std::string& tag_or_digest) override {
    auto manifest = Ask(repository, tag_or_digest);
    if (manifest.ok()) Learn(repository, tag_or_digest, *manifest);
    return manifest;
  }

  absl::StatusOr<std::unique_ptr<ByteReader>> GetBlob(const Repository& repository,
                                                      const Descriptor& blob) override {
    if (!IsConfigOf(repository, blob.digest)) return registry_.GetBlob(repository, blob);
    auto content = cache_.Find(blob.digest);
    if (content && static_cast<std::int64_t>(content->size()) == blob.size) {
      return MakeStringReader(*std::move(content));
    }
    auto reader = registry_.GetBlob(repository, blob);
    if (!reader.ok()) return reader;
    return MakeKeepingReader(*std::move(reader), blob.digest, cache_);
  }

 private:
  Registry& Answering(const Repository&) override { return registry_; }

  absl::StatusOr<ManifestBytes> Ask(const Repository& repository,
                                    const std::string& tag_or_digest) {
    if (MayBeKept(repository, tag_or_digest)) {
      const auto now = registry_.Resolve(repository, tag_or_digest);
      if (!now.ok() && !WasAnswered(now.status())) return now.status();
      if (now.ok()) {
        if (auto kept = Kept(*now)) return *std::move(kept);
      }
    }
    auto manifest = registry_.GetManifest(repository, tag_or_digest);
    if (manifest.ok() && ParseManifest(manifest->media_type, manifest->content).ok()) {
      cache_.Store(manifest->digest, manifest->content);
    }
    return manifest;
  }

  // Is a HEAD likely to be enough?
  bool MayBeKept(const Repository& repository, const std::string& tag_or_digest) {
    const auto asked = Digest::Parse(tag_or_digest);
    if (asked.ok()) return cache_.Holds(*asked);
    const auto seen = cache_.seen_tags().Last(repository, tag_or_digest);
    return seen && cache_.Holds(*seen);
  }

  // What the registry says is there, with the bytes of the cache.
  // Nothing if these don't fit what it says of them: then it has to show its own.
  std::optional<ManifestBytes> Kept(const Resolved& now) {
    auto content = cache_.Find(now.digest);
    if (!content || static_cast<std::int64_t>(content->size()) != now.size) return std::nullopt;
    if (!ParseManifest(now.media_type, *content).ok()) return std::nullopt;
    return ManifestBytes{
        .media_type = now.media_type, .content = *std::move(content), .digest = now.digest};
  }

  // `manifest` is what the repository has under this name.
  void Learn(const Repository& repository, const std::string& tag_or_digest,
             const ManifestBytes& manifest) {
    const auto parsed = ParseManifest(manifest.media_type, manifest.content);
    if (!parsed.ok()) return;
    if (tag_or_digest != manifest.digest.str()) {
      cache_.seen_tags().Saw(repository, tag_or_digest, manifest.digest);
    }
    if (!HasImageConfig(*parsed)) return;
    const std::lock_guard lock(mutex_);
    configs_.emplace(repository, parsed->config.digest);
  }

  bool IsConfigOf(const Repository& repository, const Digest& digest) {
    const std::lock_guard lock(mutex_);
    return configs_.count({repository, digest}) > 0;
  }

  Registry& registry_;
  ContentCache& cache_;
  std::mutex mutex_;
  // Those that manifests of the repository name.
  std::set<std::pair<Repository, Digest>> configs_;
};

}  // namespace

std::unique_ptr<Registry> MakeCachedRegistry(Registry& registry, ContentCache& cache) {
  return std::make_unique<CachedRegistry>(registry, cache);
}

}  // namespace imglife
