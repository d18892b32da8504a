#include "engine/observe/entry_tags.h"

#include <optional>
#include <utility>

#include "absl/time/time.h"
#include "re2/re2.h"

#include "engine/observe/referrer_tag.h"

namespace imglife {

bool Matches(const SyncEntry& entry, const std::string& tag) {
  return entry.tag.empty() ? RE2::PartialMatch(tag, RE2(entry.tag_regex, RE2::Quiet))
                           : entry.tag == tag;
}

std::vector<ListedTag> SelectableTags(const SyncEntry& entry, const TagList& list) {
  std::vector<ListedTag> tags;
  tags.reserve(list.tags.size());
  for (const std::string& tag : list.tags) {
    if (entry.referrers && IsReferrerTag(tag)) continue;
    const auto date = list.pushed.find(tag);
    tags.push_back({tag, date == list.pushed.end() ? std::optional<absl::Time>() : date->second});
  }
  return tags;
}

std::vector<ListedTag> NamedTags(const SyncEntry& entry, const std::vector<PinnedTag>& pins) {
  std::vector<ListedTag> tags{{entry.tag, std::nullopt}};
  for (const PinnedTag& pin : pins) tags.push_back({pin.tag, std::nullopt});
  return tags;
}

std::vector<std::string> SelectedNames(const SyncEntry& entry, const TagList& list) {
  auto selection = SelectTags(
      entry, entry.tag.empty() ? SelectableTags(entry, list) : NamedTags(entry), {}, list.dates);
  return selection.ok() ? std::move(selection->tags) : std::vector<std::string>();
}

}  // namespace imglife
