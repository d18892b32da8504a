#include "engine/observe/archive_gaps.h"

#include <optional>
#include <set>
#include <utility>

#include "engine/observe/image_limits.h"
#include "engine/observe/parallel.h"
#include "engine/observe/repository_use.h"

namespace imglife {
namespace {

struct Parts {
  std::vector<Digest> manifests;
  std::vector<Digest> blobs;
};

// What an image consists of, its own manifest first.
class PartsOfImage {
 public:
  PartsOfImage(RegistryMemo& registry, const Repository& repository)
      : registry_(registry), repository_(repository) {}

  absl::StatusOr<Parts> Read(const Digest& image) {
    std::set<Digest> manifests{image};
    std::set<Digest> blobs;
    Parts parts;
    std::vector<Digest> level{image};
    for (std::size_t depth = 0; !level.empty(); ++depth) {
      if (depth > kMaxIndexDepth) return TooDeep(repository_, image.str(), kMaxIndexDepth);
      const auto found = ReadLevel(level);
      if (!found.ok()) return found.status();
      parts.manifests.insert(parts.manifests.end(), level.begin(), level.end());
      level.clear();
      for (const Manifest& manifest : *found) {
        for (const Descriptor& child : manifest.children) {
          if (manifests.insert(child.digest).second) level.push_back(child.digest);
        }
        for (const auto& [blob, size] : StoredBlobs(manifest)) {
          if (blobs.insert(blob).second) parts.blobs.push_back(blob);
        }
      }
      if (manifests.size() > kMaxParts) return TooManyParts(repository_, image.str());
    }
    return parts;
  }

 private:
  absl::StatusOr<std::vector<Manifest>> ReadLevel(const std::vector<Digest>& digests) {
    std::vector<absl::StatusOr<Manifest>> answers(digests.size(), absl::UnknownError("not asked"));
    ParallelFor(digests.size(), kQuestionsPerImage,
                [&](std::size_t i) { answers[i] = Get(digests[i]); });
    std::vector<Manifest> manifests;
    manifests.reserve(digests.size());
    for (auto& answer : answers) {
      if (!answer.ok()) return answer.status();
      manifests.push_back(*std::move(answer));
    }
    return manifests;
  }

  absl::StatusOr<Manifest> Get(const Digest& digest) {
    const auto bytes = registry_.GetManifest(repository_, digest.str());
    if (!bytes.ok()) return bytes.status();
    return ParseManifest(bytes->media_type, bytes->content);
  }

  RegistryMemo& registry_;
  const Repository& repository_;
};

absl::StatusOr<bool> HasManifest(Registry& registry, const Repository& repository,
                                 const Digest& digest) {
  const auto there = registry.Resolve(repository, digest.str());
  if (absl::IsNotFound(there.status())) return false;
  if (!there.ok()) return there.status();
  return true;
}

// The first that `repository` lacks.
absl::StatusOr<std::optional<Digest>> FindMissing(const Parts& parts, Registry& registry,
                                                  const Repository& repository) {
  std::vector<Digest> all = parts.manifests;
  all.insert(all.end(), parts.blobs.begin(), parts.blobs.end());
  std::vector<absl::StatusOr<bool>> answers(all.size(), absl::UnknownError("not asked"));
  ParallelFor(all.size(), kQuestionsPerImage, [&](std::size_t i) {
    answers[i] = i < parts.manifests.size() ? HasManifest(registry, repository, all[i])
                                            : registry.BlobExists(repository, all[i]);
  });
  std::optional<Digest> missing;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!answers[i].ok()) return answers[i].status();
    if (!*answers[i] && !missing) missing = all[i];
  }
  return missing;
}

}  // namespace

absl::StatusOr<ArchiveGaps> FindArchiveGaps(RegistryMemo& source_registry, const Repository& source,
                                            const Digest& image, Registry& archive_registry,
                                            const Repository& archive) {
  const auto subjects = SubjectsOf(source_registry, source, image, {});
  if (!subjects.ok()) return subjects.status();
  auto referrers =
      FindMissingReferrers(source_registry, source, archive_registry, archive, *subjects);
  if (!referrers.ok()) return referrers.status();
  std::vector<Digest> copies{image};
  copies.insert(copies.end(), referrers->present.begin(), referrers->present.end());
  ArchiveGaps gaps;
  for (const Digest& copy : copies) {
    const auto parts = PartsOfImage(source_registry, source).Read(copy);
    // A list of referrers may name what is gone.
    if (copy != image && absl::IsNotFound(parts.status())) continue;
    if (!parts.ok()) return parts.status();
    const auto missing = FindMissing(*parts, archive_registry, archive);
    if (!missing.ok()) return missing.status();
    if (*missing) gaps.incomplete.push_back({copy, **missing});
  }
  gaps.referrers = *std::move(referrers);
  return gaps;
}

}  // namespace imglife
