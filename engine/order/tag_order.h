// The one order of tags (stages.md, "Order of tags"; docs/tag-order.md has examples). Pure.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

namespace imglife {

enum class TagKind { kOther, kDate, kVersion };  // older kinds first

// A tag taken apart. Which members mean something depends on the kind.
struct ParsedTag {
  std::string tag;
  TagKind kind = TagKind::kOther;

  std::string prefix;                // "" for an empty prefix and for "v"
  std::vector<std::string> numbers;  // digits without leading zeros, as written otherwise; any
                                     // size; of a date what counts on within it (".1", "T16-07")
  std::string build;                 // digits of `_N` or `+N`, without leading zeros
  int marker = 0;                    // rank of a pre-release word; 0: a release
  std::vector<std::string> marker_numbers;
  std::string suffix;  // the variant without its separator ("alpine3.21")

  std::string date;       // YYYYMMDD or YYYYMMDDhhmm, for dates
  std::string date_tail;  // what follows it

  bool has_marker() const { return marker != 0; }
};

// Never fails: what is neither a version nor a date is `other`, commit hashes included. A tag that
// starts with a version stays one whatever follows (`17.6-202510071958` is no date); after any
// other prefix the first real date decides.
ParsedTag ParseTag(std::string_view tag);

// A total order, older first: equal only for equal tags. Knows nothing of other tags (floating
// tags, dates of a listing): that is what SortNewestFirst adds.
std::strong_ordering CompareTags(const ParsedTag& a, const ParsedTag& b);

// A tag and the date that its listing gave, if any.
struct ListedTag {
  std::string tag;
  std::optional<absl::Time> pushed;
};

// Newest first, floating tags after every version that isn't floating, `other` tags by their dates
// where all of them have one, else naturally. The result doesn't depend on the order of the input;
// a tag that is listed twice is in it once.
std::vector<std::string> SortNewestFirst(const std::vector<ListedTag>& tags);

// Runs of digits as numbers, other runs as text. Equal also for texts that differ in leading zeros.
std::strong_ordering CompareNaturally(std::string_view a, std::string_view b);

}  // namespace imglife
