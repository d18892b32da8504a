#include "engine/observe/tag_dates.h"

#include <string>
#include <vector>

#include "engine/observe/parallel.h"

namespace imglife {
namespace {

void AddDates(const std::map<std::string, TagDetails>& details, TagList& list) {
  for (const std::string& tag : list.tags) {
    const auto described = details.find(tag);
    if (described == details.end() || !described->second.pushed) continue;
    list.pushed[tag] = *described->second.pushed;
  }
}

}  // namespace

void AddDates(const std::set<Repository>& repositories, RegistryMemo& registry,
              std::map<Repository, absl::StatusOr<TagList>>& lists) {
  std::vector<std::pair<const Repository*, TagList*>> listed;
  for (const Repository& repository : repositories) {
    const auto list = lists.find(repository);
    const bool has_tags = list != lists.end() && list->second.ok() && !list->second->tags.empty();
    if (has_tags) listed.emplace_back(&repository, &*list->second);
  }
  ParallelFor(listed.size(), kQuestionsInFlight, [&](std::size_t i) {
    const auto& [repository, list] = listed[i];
    const auto details = registry.DescribeTags(*repository);
    list->dates = details.status();
    if (details.ok()) AddDates(*details, *list);
  });
}

}  // namespace imglife
