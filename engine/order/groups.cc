#include "engine/order/groups.h"

#include <algorithm>
#include <compare>
#include <cstddef>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "engine/order/characters.h"

namespace imglife {
namespace {

bool CountsMajor(KeepLastPer per) {
  return per == KeepLastPer::kMajor;
}

bool CountsMinor(KeepLastPer per) {
  return per == KeepLastPer::kMinor || per == KeepLastPer::kMinorSuffix;
}

bool CountsSuffix(KeepLastPer per) {
  return per == KeepLastPer::kSuffix || per == KeepLastPer::kMinorSuffix;
}

struct GroupKey {
  TagKind kind = TagKind::kVersion;
  std::vector<std::string> numbers;
  std::string suffix;

  friend auto operator<=>(const GroupKey&, const GroupKey&) = default;
};

// The newest `26.x` for each `26`, and each suffix where suffixes count.
class NewestMinors {
 public:
  NewestMinors(const std::vector<RankedTag*>& tags, KeepLastPer per) : per_(per) {
    for (const RankedTag* tag : tags) {
      const ParsedTag& parsed = tag->parsed;
      if (parsed.kind != TagKind::kVersion || parsed.numbers.size() < 2) continue;
      const ParsedTag*& newest = newest_[KeyOf(parsed)];
      if (newest == nullptr || CompareTags(parsed, *newest) > 0) newest = &parsed;
    }
  }

  std::vector<std::string> MinorOf(const ParsedTag& tag) const {
    if (tag.numbers.size() >= 2) return {tag.numbers[0], tag.numbers[1]};
    const auto newest = newest_.find(KeyOf(tag));
    if (newest == newest_.end()) return tag.numbers;
    return {newest->second->numbers[0], newest->second->numbers[1]};
  }

 private:
  std::pair<std::string_view, std::string_view> KeyOf(const ParsedTag& tag) const {
    return {tag.numbers[0], CountsSuffix(per_) ? std::string_view(tag.suffix) : ""};
  }

  KeepLastPer per_;
  std::map<std::pair<std::string_view, std::string_view>, const ParsedTag*> newest_;
};

GroupKey KeyOf(const ParsedTag& tag, KeepLastPer per, const NewestMinors& minors) {
  GroupKey key;
  if (per == KeepLastPer::kAll) return key;
  key.kind = tag.kind;
  if (tag.kind != TagKind::kVersion) return key;
  if (CountsMajor(per)) key.numbers = {tag.numbers[0]};
  if (CountsMinor(per)) key.numbers = minors.MinorOf(tag);
  if (CountsSuffix(per)) key.suffix = tag.suffix;
  return key;
}

// The first `count` numbers of a version as its tag writes them: "24.04".
std::string NumbersAsWritten(const ParsedTag& tag, std::size_t count) {
  std::string_view text = tag.tag;
  text.remove_prefix(text.find_first_of("0123456789"));
  std::size_t length = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) ++length;
    length += LeadingDigits(text.substr(length)).size();
  }
  return std::string(text.substr(0, length));
}

std::string NameOf(const GroupKey& key, KeepLastPer per, const std::vector<RankedTag*>& members) {
  if (per == KeepLastPer::kAll) return "all";
  if (key.kind == TagKind::kDate) return "dates";
  if (key.kind == TagKind::kOther) return "others";
  if (per == KeepLastPer::kSuffix) return key.suffix.empty() ? "(plain)" : key.suffix;
  const auto writes_it = std::find_if(members.begin(), members.end(), [&](const RankedTag* tag) {
    return tag->parsed.numbers.size() >= key.numbers.size();
  });
  const std::string numbers = NumbersAsWritten((*writes_it)->parsed, key.numbers.size());
  return key.suffix.empty() ? numbers : numbers + " " + key.suffix;
}

}  // namespace

std::vector<RankedGroup> RankGroups(const std::vector<RankedTag*>& tags, KeepLastPer per) {
  const NewestMinors minors(tags, per);
  std::map<GroupKey, std::vector<RankedTag*>> members_of;
  for (RankedTag* tag : tags) members_of[KeyOf(tag->parsed, per, minors)].push_back(tag);

  std::vector<RankedGroup> groups;
  groups.reserve(members_of.size());
  for (auto& [key, members] : members_of) {
    RankNewestFirst(members);
    std::string name = NameOf(key, per, members);
    groups.push_back({std::move(name), std::move(members)});
  }
  std::stable_sort(groups.begin(), groups.end(), [](const RankedGroup& a, const RankedGroup& b) {
    return CompareNaturally(a.name, b.name) < 0;
  });
  return groups;
}

}  // namespace imglife
