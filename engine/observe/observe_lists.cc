#include "engine/observe/observe_lists.h"

#include "absl/status/status.h"

namespace imglife {

void AddLists(const std::set<Repository>& repositories, RegistryMemo& registry, Listings& lists,
              std::vector<Task>& tasks) {
  for (const Repository& repository : repositories) {
    auto& slot = lists.emplace(repository, absl::UnknownError("not asked")).first->second;
    tasks.emplace_back([&registry, &slot, repository] { slot = registry.ListTags(repository); });
  }
}

void KeepTargetLists(const std::set<Repository>& targets, const Listings& lists,
                     Observed& observed) {
  for (const Repository& target : targets) {
    ObservedRepository& kept = observed.repositories[target];
    const auto& list = lists.at(target);
    kept.listed = true;
    kept.status = list.status();
    if (!list.ok()) continue;
    kept.exists = list->repository_exists;
    kept.tags = list->tags;
    kept.held = list->held;
    kept.warnings = list->warnings;
  }
}

}  // namespace imglife
