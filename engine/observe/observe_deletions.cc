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

// What no tag leads to is known by the registry's lists alone.
void KeepReferrers(const ImageKey& image, absl::StatusOr<FoundReferrers> found,
                   RegistryMemo& registry, Observed& observed) {
  const auto& [repository, digest] = image;
  if (!found.ok()) {
    observed.referrers.insert_or_assign(image, found.status());
    return;
  }
  observed.referrers.insert_or_assign(image, std::move(found->own));
  absl::StatusOr<RepositoryUse>& use = observed.uses.at(repository);
  if (!use.ok()) return;
  const absl::Status read = ReadLinked(registry, repository, std::move(found->all), *use);
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
  std::vector<absl::StatusOr<FoundReferrers>> referrers(subjects.size(),
                                                        absl::UnknownError("not asked"));
  ParallelFor(subjects.size(), kQuestionsInFlight, [&](std::size_t i) {
    referrers[i] = ReadReferrers(registry, registry, subjects[i].first, subjects[i].second);
  });
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    KeepReferrers(subjects[i], std::move(referrers[i]), registry, observed);
  }
}

}  // namespace imglife
