#include "engine/observe/observe_deletions.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "engine/observe/parallel.h"
#include "engine/observe/read_referrers.h"
#include "engine/observe/read_uses.h"
#include "engine/observe/repository_use.h"

namespace imglife {
namespace {

// Who uses what there. Most of it was read with the images: parts of parts and subjects weren't.
absl::StatusOr<RepositoryUse> UsesOf(const Repository& repository, const Observed& observed,
                                     RegistryMemo& registry) {
  RepositoryUse use;
  std::vector<Digest> named;
  const auto there = observed.repositories.find(repository);
  if (there == observed.repositories.end()) return absl::InternalError("it was not asked");
  for (const std::string& tag : there->second.tags) {
    if (there->second.resolved.count(tag) == 0) return absl::InternalError(tag + " was not asked");
  }
  for (const auto& [tag, found] : there->second.resolved) {
    if (absl::IsNotFound(found.status())) continue;
    if (!found.ok()) return found.status();
    use.SetTag(tag, found->digest);
    named.push_back(found->digest);
  }
  for (const auto& [digest, holder] : there->second.held) named.push_back(digest);
  use.SetHeld(there->second.held);
  const absl::Status read = ReadLinked(registry, repository, std::move(named), use);
  if (!read.ok()) return read;
  return use;
}

// Of an image and of its parts.
struct FoundForImage {
  absl::StatusOr<FoundReferrers> own = absl::UnknownError("not asked");
  absl::StatusOr<FoundReferrers> of_parts = FoundReferrers();
};

FoundForImage ReadReferrersOf(const ImageKey& image, const absl::StatusOr<RepositoryUse>& use,
                              RegistryMemo& registry) {
  const auto& [repository, digest] = image;
  FoundForImage found;
  found.own = ReadReferrers(registry, registry, repository, {digest});
  if (!use.ok()) return found;
  const std::vector<Digest> parts = PartsOf(*use, digest);
  if (!parts.empty()) found.of_parts = ReadReferrers(registry, registry, repository, parts);
  return found;
}

void KeepUnreadable(const ImageKey& image, const FoundForImage& found, Observed& observed) {
  std::vector<Descriptor> unreadable = found.own->unreadable;
  const std::vector<Descriptor>& of_parts = found.of_parts->unreadable;
  unreadable.insert(unreadable.end(), of_parts.begin(), of_parts.end());
  if (!unreadable.empty()) observed.unreadable_referrers[image] = std::move(unreadable);
}

// What no tag leads to is known by the registry's lists alone.
void KeepReferrers(const ImageKey& image, FoundForImage found, RegistryMemo& registry,
                   Observed& observed) {
  const auto& [repository, digest] = image;
  const bool all_read = found.own.ok() && found.of_parts.ok();
  if (!all_read) {
    observed.referrers.insert_or_assign(
        image, found.own.ok() ? found.of_parts.status() : found.own.status());
    return;
  }
  observed.referrers.insert_or_assign(image, std::move(found.own->own));
  KeepUnreadable(image, found, observed);
  absl::StatusOr<RepositoryUse>& use = observed.uses.at(repository);
  if (!use.ok()) return;
  for (const Digest& part : found.of_parts->untold) use->Keep(part);
  std::vector<Digest> all = std::move(found.own->all);
  all.insert(all.end(), found.of_parts->all.begin(), found.of_parts->all.end());
  const absl::Status read = ReadLinked(registry, repository, std::move(all), *use);
  if (!read.ok()) use = read;
}

}  // namespace

void ObserveDeletions(const std::map<Repository, std::vector<std::string>>& candidates,
                      RegistryMemo& registry, Observed& observed) {
  std::vector<Repository> repositories;
  repositories.reserve(candidates.size());
  for (const auto& [repository, tags] : candidates) repositories.push_back(repository);
  std::vector<absl::StatusOr<Capabilities>> capabilities(repositories.size(),
                                                         absl::UnknownError("not asked"));
  ParallelFor(repositories.size(), kQuestionsInFlight,
              [&](std::size_t i) { capabilities[i] = registry.Probe(repositories[i]); });
  std::vector<ImageKey> subjects;
  for (std::size_t i = 0; i < repositories.size(); ++i) {
    const Repository& repository = repositories[i];
    for (const std::string& tag : candidates.at(repository)) {
      const Digest digest = observed.DigestOf(repository, tag);
      if (!digest.empty()) subjects.emplace_back(repository, digest);
    }
    observed.capabilities.insert_or_assign(repository, std::move(capabilities[i]));
    observed.uses.insert_or_assign(repository, UsesOf(repository, observed, registry));
  }
  std::sort(subjects.begin(), subjects.end());
  subjects.erase(std::unique(subjects.begin(), subjects.end()), subjects.end());
  std::vector<FoundForImage> referrers(subjects.size());
  ParallelFor(subjects.size(), kQuestionsInFlight, [&](std::size_t i) {
    referrers[i] = ReadReferrersOf(subjects[i], observed.uses.at(subjects[i].first), registry);
  });
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    KeepReferrers(subjects[i], std::move(referrers[i]), registry, observed);
  }
}

}  // namespace imglife
