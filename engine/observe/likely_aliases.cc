#include "engine/observe/likely_aliases.h"

#include <map>
#include <set>
#include <string>

#include "engine/order/ranking.h"

namespace imglife {
namespace {

// Of the questions about one repository.
void Mark(const std::vector<ImageQuestion>& questions, const std::vector<std::size_t>& asked,
          std::vector<bool>& aliases) {
  std::vector<ListedTag> tags;
  for (const std::size_t i : asked) tags.push_back({questions[i].tag_or_digest, {}});
  std::vector<RankedTag> parsed = ParseTags(tags);
  std::vector<RankedTag*> group = PointersTo(parsed);
  RankNewestFirst(group);
  std::set<std::string> likely;
  for (const RankedTag* tag : group) {
    const bool is_latest = tag->parsed.tag == "latest" && group.size() > 1;
    if (tag->floating || is_latest) likely.insert(tag->parsed.tag);
  }
  for (const std::size_t i : asked) aliases[i] = likely.count(questions[i].tag_or_digest) > 0;
}

}  // namespace

std::vector<bool> LikelyAliases(const std::vector<ImageQuestion>& questions) {
  std::vector<bool> aliases(questions.size());
  std::map<Repository, std::vector<std::size_t>> by_repository;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    by_repository[questions[i].repository].push_back(i);
  }
  for (const auto& [repository, asked] : by_repository) Mark(questions, asked, aliases);
  return aliases;
}

}  // namespace imglife
