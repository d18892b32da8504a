#include "engine/order/ranking.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"

#include "engine/order/sort_keys.h"

namespace imglife {
namespace {

// The components of a version, the build number as the last of them.
class Components {
 public:
  explicit Components(const ParsedTag& tag) : tag_(tag) {}

  std::size_t size() const { return tag_.numbers.size() + (tag_.build.empty() ? 0 : 1); }

  const std::string& operator[](std::size_t i) const {
    return i < tag_.numbers.size() ? tag_.numbers[i] : tag_.build;
  }

 private:
  const ParsedTag& tag_;
};

// As numbers, one by one, the shorter first: versions that begin alike stand beside each other.
std::strong_ordering CompareComponents(const ParsedTag& a, const ParsedTag& b) {
  const Components left(a);
  const Components right(b);
  for (std::size_t i = 0; i < left.size() && i < right.size(); ++i) {
    if (left[i].size() != right[i].size()) return left[i].size() <=> right[i].size();
    if (const auto order = left[i] <=> right[i]; order != 0) return order;
  }
  return left.size() <=> right.size();
}

// Versions with the same prefix and suffix have the same number.
class Families {
 public:
  std::size_t Of(const ParsedTag& tag) {
    const auto key = std::make_pair(std::string_view(tag.prefix), std::string_view(tag.suffix));
    return numbers_.try_emplace(key, numbers_.size()).first->second;
  }

 private:
  absl::flat_hash_map<std::pair<std::string_view, std::string_view>, std::size_t> numbers_;
};

struct FamilyMember {
  std::size_t family;
  std::uint64_t components;  // ComponentsKey
  RankedTag* tag;
};

bool BeforeInFamilies(const FamilyMember& a, const FamilyMember& b) {
  if (a.family != b.family) return a.family < b.family;
  if (a.components != b.components) return a.components < b.components;
  return CompareComponents(a.tag->parsed, b.tag->parsed) < 0;
}

bool Begins(const ParsedTag& shorter, const ParsedTag& longer) {
  const Components start(shorter);
  const Components whole(longer);
  if (start.size() >= whole.size()) return false;
  for (std::size_t i = 0; i < start.size(); ++i) {
    if (start[i] != whole[i]) return false;
  }
  return true;
}

void MarkFloating(const std::vector<RankedTag*>& group) {
  std::vector<FamilyMember> versions;
  versions.reserve(group.size());
  Families families;
  for (RankedTag* tag : group) {
    tag->floating = false;
    if (tag->parsed.kind != TagKind::kVersion) continue;
    versions.push_back({families.Of(tag->parsed), ComponentsKey(tag->parsed), tag});
  }
  // What a version begins follows it then, so that looking at the next different one is enough.
  std::sort(versions.begin(), versions.end(), BeforeInFamilies);
  const FamilyMember* next_different = nullptr;
  for (std::size_t i = versions.size(); i-- > 0;) {
    if (i + 1 < versions.size() && BeforeInFamilies(versions[i], versions[i + 1])) {
      next_different = &versions[i + 1];
    }
    RankedTag& tag = *versions[i].tag;
    tag.floating = !tag.parsed.has_marker() && next_different != nullptr &&
                   versions[i].family == next_different->family &&
                   Begins(tag.parsed, next_different->tag->parsed);
  }
}

bool OthersHaveDates(const std::vector<RankedTag*>& group) {
  return std::all_of(group.begin(), group.end(), [](const RankedTag* tag) {
    return tag->parsed.kind != TagKind::kOther || tag->pushed.has_value();
  });
}

}  // namespace

std::vector<RankedTag> ParseTags(const std::vector<ListedTag>& tags) {
  std::vector<RankedTag> parsed;
  parsed.reserve(tags.size());
  absl::flat_hash_set<std::string_view> seen;
  seen.reserve(tags.size());
  for (const ListedTag& listed : tags) {
    if (!seen.insert(listed.tag).second) continue;
    parsed.push_back({ParseTag(listed.tag), listed.pushed, false});
  }
  return parsed;
}

std::vector<RankedTag*> PointersTo(std::vector<RankedTag>& tags) {
  std::vector<RankedTag*> pointers;
  pointers.reserve(tags.size());
  for (RankedTag& tag : tags) pointers.push_back(&tag);
  return pointers;
}

void SortRanked(std::vector<RankedTag*>& tags) {
  const bool others_by_date = OthersHaveDates(tags);
  std::vector<std::pair<std::uint64_t, RankedTag*>> keyed;
  keyed.reserve(tags.size());
  for (RankedTag* tag : tags) keyed.emplace_back(AgeKey(tag->parsed, tag->floating), tag);
  std::sort(keyed.begin(), keyed.end(), [&](const auto& left, const auto& right) {
    if (left.first != right.first) return left.first > right.first;
    const RankedTag& a = *left.second;
    const RankedTag& b = *right.second;
    const bool dated = others_by_date && a.parsed.kind == TagKind::kOther;
    if (dated && a.pushed != b.pushed) return *a.pushed > *b.pushed;
    return CompareTags(a.parsed, b.parsed) > 0;
  });
  for (std::size_t i = 0; i < tags.size(); ++i) tags[i] = keyed[i].second;
}

void RankNewestFirst(std::vector<RankedTag*>& group) {
  MarkFloating(group);
  SortRanked(group);
}

}  // namespace imglife
