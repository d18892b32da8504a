#include "engine/observe/observe_orphans.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"

#include "engine/observe/parallel.h"
#include "engine/observe/read_images.h"
#include "engine/observe/referrer_tag.h"

namespace imglife {
namespace {

using ImagesByTag = std::map<std::string, ObservedImage>;

// Of one answer of a repository; one that failed stands for all.
void Keep(const std::string& tag, absl::StatusOr<ObservedImage> answer,
          absl::StatusOr<ImagesByTag>& images) {
  if (!images.ok()) return;
  if (answer.ok()) {
    images->emplace(tag, *std::move(answer));
  } else {
    images = answer.status();
  }
}

// A list that lacks what is known to be there isn't the whole of it. `told` is sorted.
absl::Status CheckWhole(const Config& config, const std::vector<Repository>& told,
                        const std::set<Repository>& declared, Registry& registry) {
  for (const Repository& repository : declared) {
    if (!IsIn(repository, config.build->registry)) continue;
    if (std::binary_search(told.begin(), told.end(), repository)) continue;
    const auto list = registry.ListTags(repository);
    // One that can't be listed is an error of its own.
    if (!list.ok() || list->tags.empty()) continue;
    return absl::UnimplementedError(
        fmt::format("its catalog lacks {}, which has tags", repository.ToString()));
  }
  return absl::OkStatus();
}

}  // namespace

bool IsIn(const Repository& repository, const Repository& prefix) {
  return repository.kind == prefix.kind && repository.host == prefix.host &&
         (prefix.path.empty() || repository.path.rfind(prefix.path + "/", 0) == 0);
}

bool IsArchived(const Config& config, const Repository& repository) {
  return config.retention && config.retention->archive.registry &&
         IsIn(repository, *config.retention->archive.registry);
}

absl::StatusOr<FoundOrphans> FindOrphans(const Config& config, const std::set<Repository>& declared,
                                         Registry& registry) {
  FoundOrphans found;
  if (!config.build) return found;
  auto all = registry.ListRepositories(config.build->registry);
  if (absl::IsUnimplemented(all.status())) {
    found.told = all.status();
    return found;
  }
  if (!all.ok()) return all.status();
  found.told = CheckWhole(config, *all, declared, registry);
  std::erase_if(*all, [&](const Repository& repository) {
    return declared.count(repository) > 0 || IsArchived(config, repository);
  });
  found.repositories = *std::move(all);
  return found;
}

void ObserveOrphans(const Config& config, const std::set<Repository>& declared,
                    RegistryMemo& registry, Observed& observed) {
  const auto found = FindOrphans(config, declared, registry);
  observed.orphans_status = found.status();
  if (!found.ok()) return;
  observed.orphans_untold = found->told;
  std::vector<Orphan> orphans;
  for (const Repository& repository : found->repositories)
    orphans.push_back({repository, std::nullopt});
  ParallelFor(orphans.size(), kQuestionsInFlight, [&](std::size_t i) {
    const auto list = registry.ListTags(orphans[i].repository);
    if (list.ok()) orphans[i].tags = list->tags.size();
  });
  for (Orphan& orphan : orphans) {
    // Registries keep the name of a repository after its last tag went.
    if (orphan.tags != 0u) observed.orphans.push_back(std::move(orphan));
  }
}

void ReadOrphanImages(RegistryMemo& registry, Observed& observed) {
  std::vector<ImageQuestion> questions;
  for (const Orphan& orphan : observed.orphans) {
    const auto list = registry.ListTags(orphan.repository);
    const auto images = list.ok() ? absl::StatusOr<ImagesByTag>(ImagesByTag()) : list.status();
    observed.orphan_images.emplace(orphan.repository, images);
    if (!list.ok()) continue;
    for (const std::string& tag : list->tags) {
      if (!IsReferrerTag(tag)) {
        questions.push_back({.repository = orphan.repository, .tag_or_digest = tag});
      }
    }
  }
  auto answers = ReadImages(registry, questions);
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const auto& [repository, tag, with_configs] = questions[i];
    Keep(tag, std::move(answers[i]), observed.orphan_images.at(repository));
  }
}

}  // namespace imglife
