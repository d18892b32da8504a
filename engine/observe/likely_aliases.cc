#include "engine/observe/likely_aliases.h"

#include <algorithm>
#include <map>
#include <string>

#include "engine/order/ranking.h"

namespace imglife {
namespace {

bool IsWord(const std::string& tag) {
  return std::none_of(tag.begin(), tag.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Of the questions about one repository.
void Mark(const std::vector<ImageQuestion>& questions, const std::vector<std::size_t>& asked,
          std::vector<bool>& aliases) {
  std::vector<ListedTag> tags;
  for (const std::size_t i : asked) tags.push_back({questions[i].tag_or_digest, {}});
  std::vector<RankedTag> parsed = ParseTags(tags);
  std::vector<RankedTag*> group = PointersTo(parsed);
  RankNewestFirst(group);
  std::map<std::string, bool> floats;
  bool only_words = true;
  for (const RankedTag* tag : group) {
    floats[tag->parsed.tag] = tag->floating || IsWord(tag->parsed.tag);
    only_words = only_words && IsWord(tag->parsed.tag);
  }
  if (only_words) return;
  for (const std::size_t i : asked) aliases[i] = floats[questions[i].tag_or_digest];
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
