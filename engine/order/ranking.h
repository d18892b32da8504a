// Tags parsed once and ranked beside each other: what SortNewestFirst, GroupTags and SelectTags
// share. Pure.
#pragma once

#include <optional>
#include <vector>

#include "absl/time/time.h"

#include "engine/order/tag_order.h"

namespace imglife {

struct RankedTag {
  ParsedTag parsed;
  std::optional<absl::Time> pushed;
  bool floating = false;  // set by RankNewestFirst
};

// Each distinct tag once, in the order of the listing; of a tag listed twice the first.
std::vector<RankedTag> ParseTags(const std::vector<ListedTag>& tags);

// Pointers into `tags`, which must outlive them unmoved.
std::vector<RankedTag*> PointersTo(std::vector<RankedTag>& tags);

// Sorts newest first, floating tags as they are marked already. O(n log n).
void SortRanked(std::vector<RankedTag*>& tags);

// Marks the floating tags of the group, then sorts it. O(n log n).
void RankNewestFirst(std::vector<RankedTag*>& group);

}  // namespace imglife
