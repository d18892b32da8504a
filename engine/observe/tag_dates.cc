#include "engine/observe/tag_dates.h"

#include <algorithm>
#include <string>
#include <vector>

#include "fmt/format.h"

#include "engine/observe/parallel.h"
#include "engine/plan/words.h"

namespace imglife {
namespace {

void KeepDates(const std::map<std::string, TagDetails>& details, TagList& list) {
  for (const std::string& tag : list.tags) {
    const auto described = details.find(tag);
    if (described == details.end() || !described->second.pushed) continue;
    list.pushed[tag] = *described->second.pushed;
    const Digest& digest = described->second.digest;
    if (!digest.empty()) list.pushed_digests[tag] = digest;
  }
}

std::set<Repository> Dated(const std::set<Repository>& repositories, const Listings& lists) {
  std::set<Repository> dated;
  for (const Repository& repository : repositories) {
    const auto list = lists.find(repository);
    if (list != lists.end() && list->second.ok() && list->second->dates.ok()) {
      dated.insert(repository);
    }
  }
  return dated;
}

}  // namespace

std::set<Repository> AddDates(const std::set<Repository>& repositories, RegistryMemo& registry,
                              Listings& lists) {
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
    if (details.ok()) KeepDates(*details, *list);
  });
  return Dated(repositories, lists);
}

void RefuseToAgeUndated(const std::set<Repository>& targets, const Listings& lists,
                        Desired& desired) {
  for (const Repository& target : targets) {
    const auto list = lists.find(target);
    if (list == lists.end() || !list->second.ok() || list->second->dates.ok()) continue;
    if (absl::IsUnimplemented(list->second->dates)) continue;
    desired.errors.emplace_back(
        fmt::format("nothing is deleted in {}: when its tags were pushed can't be read",
                    target.ToString()),
        WhyText(target.ToString(), list->second->dates),
        Effects{{Effect::kNothingDeleted, target.ToString()}});
    desired.incomplete.push_back(target);
  }
  std::sort(desired.errors.begin(), desired.errors.end());
  std::sort(desired.incomplete.begin(), desired.incomplete.end());
}

}  // namespace imglife
