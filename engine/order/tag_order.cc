#include "engine/order/tag_order.h"

#include <algorithm>
#include <cstddef>

#include "engine/order/characters.h"
#include "engine/order/ranking.h"

namespace imglife {
namespace {

// Digits of any size, as numbers.
std::strong_ordering CompareDigits(std::string_view a, std::string_view b) {
  a = WithoutLeadingZeros(a);
  b = WithoutLeadingZeros(b);
  if (a.size() != b.size()) return a.size() <=> b.size();
  return a <=> b;
}

// Missing components are zero.
std::strong_ordering CompareNumbers(const std::vector<std::string>& a,
                                    const std::vector<std::string>& b) {
  const std::size_t size = std::max(a.size(), b.size());
  for (std::size_t i = 0; i < size; ++i) {
    const auto order = CompareDigits(i < a.size() ? std::string_view(a[i]) : "0",
                                     i < b.size() ? std::string_view(b[i]) : "0");
    if (order != 0) return order;
  }
  return std::strong_ordering::equal;
}

std::strong_ordering CompareBuilds(const std::string& a, const std::string& b) {
  return CompareDigits(a.empty() ? std::string_view("0") : a,
                       b.empty() ? std::string_view("0") : b);
}

std::strong_ordering CompareMarkers(const ParsedTag& a, const ParsedTag& b) {
  if (a.has_marker() != b.has_marker()) {
    return a.has_marker() ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  if (a.marker != b.marker) return a.marker <=> b.marker;
  return CompareNumbers(a.marker_numbers, b.marker_numbers);
}

// No suffix is the newest.
std::strong_ordering CompareSuffixes(const std::string& a, const std::string& b) {
  if (a.empty() != b.empty()) {
    return a.empty() ? std::strong_ordering::greater : std::strong_ordering::less;
  }
  return CompareNaturally(a, b);
}

// What decides between tags of the same version or date.
std::strong_ordering CompareRest(const ParsedTag& a, const ParsedTag& b) {
  if (const auto order = CompareSuffixes(a.suffix, b.suffix); order != 0) return order;
  if (a.numbers.size() != b.numbers.size()) return a.numbers.size() <=> b.numbers.size();
  if (const auto order = CompareNaturally(a.prefix, b.prefix); order != 0) return order;
  return a.tag <=> b.tag;
}

std::strong_ordering CompareVersions(const ParsedTag& a, const ParsedTag& b) {
  if (a.prefix.empty() != b.prefix.empty()) {
    return a.prefix.empty() ? std::strong_ordering::greater : std::strong_ordering::less;
  }
  if (const auto order = CompareNumbers(a.numbers, b.numbers); order != 0) return order;
  if (const auto order = CompareBuilds(a.build, b.build); order != 0) return order;
  if (const auto order = CompareMarkers(a, b); order != 0) return order;
  return CompareRest(a, b);
}

std::strong_ordering CompareDates(const ParsedTag& a, const ParsedTag& b) {
  // YYYYMMDD is that day's midnight.
  const std::string_view day_a = std::string_view(a.date).substr(0, 8);
  const std::string_view day_b = std::string_view(b.date).substr(0, 8);
  if (day_a != day_b) return day_a <=> day_b;
  const auto minute = [](const ParsedTag& tag) {
    return tag.date.size() > 8 ? std::string_view(tag.date).substr(8) : std::string_view("0000");
  };
  if (minute(a) != minute(b)) return minute(a) <=> minute(b);
  if (const auto order = CompareNumbers(a.numbers, b.numbers); order != 0) return order;
  return CompareRest(a, b);
}

}  // namespace

std::strong_ordering CompareNaturally(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    if (IsDigit(a[0]) && IsDigit(b[0])) {
      const std::string_view run_a = LeadingDigits(a);
      const std::string_view run_b = LeadingDigits(b);
      if (const auto order = CompareDigits(run_a, run_b); order != 0) return order;
      a.remove_prefix(run_a.size());
      b.remove_prefix(run_b.size());
      continue;
    }
    const auto left = static_cast<unsigned char>(a[0]);
    const auto right = static_cast<unsigned char>(b[0]);
    if (left != right) return left <=> right;
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  return a.size() <=> b.size();
}

std::strong_ordering CompareTags(const ParsedTag& a, const ParsedTag& b) {
  if (a.kind != b.kind) return a.kind <=> b.kind;
  switch (a.kind) {
    case TagKind::kVersion:
      return CompareVersions(a, b);
    case TagKind::kDate:
      return CompareDates(a, b);
    case TagKind::kOther:
      break;
  }
  if (const auto order = CompareNaturally(a.tag, b.tag); order != 0) return order;
  return a.tag <=> b.tag;
}

std::vector<std::string> SortNewestFirst(const std::vector<ListedTag>& tags) {
  std::vector<RankedTag> parsed = ParseTags(tags);
  std::vector<RankedTag*> group = PointersTo(parsed);
  RankNewestFirst(group);
  std::vector<std::string> sorted;
  sorted.reserve(group.size());
  for (const RankedTag* ranked : group) sorted.push_back(ranked->parsed.tag);
  return sorted;
}

}  // namespace imglife
