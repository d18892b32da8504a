#include "engine/observe/observe_orphans.h"

#include <vector>

#include "engine/observe/parallel.h"

namespace imglife {
namespace {

bool IsIn(const Repository& repository, const Repository& prefix) {
  return repository.kind == prefix.kind && repository.host == prefix.host &&
         (prefix.path.empty() || repository.path.rfind(prefix.path + "/", 0) == 0);
}

bool IsArchived(const Config& config, const Repository& repository) {
  return config.retention && config.retention->archive.registry &&
         IsIn(repository, *config.retention->archive.registry);
}

}  // namespace

void ObserveOrphans(const Config& config, const std::set<Repository>& declared,
                    RegistryMemo& registry, Observed& observed) {
  if (!config.build) return;
  const auto all = registry.ListRepositories(config.build->registry);
  if (!all.ok()) {
    if (!absl::IsUnimplemented(all.status())) observed.orphans_status = all.status();
    return;
  }
  std::vector<Orphan> orphans;
  for (const Repository& repository : *all) {
    if (declared.count(repository) > 0 || IsArchived(config, repository)) continue;
    orphans.push_back({repository, std::nullopt});
  }
  ParallelFor(orphans.size(), kQuestionsInFlight, [&](std::size_t i) {
    const auto list = registry.ListTags(orphans[i].repository);
    if (list.ok()) orphans[i].tags = list->tags.size();
  });
  for (Orphan& orphan : orphans) {
    // Registries keep the name of a repository after its last tag went.
    if (orphan.tags != 0u) observed.orphans.push_back(std::move(orphan));
  }
}

}  // namespace imglife
