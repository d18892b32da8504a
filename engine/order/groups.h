// The groups that keep_last counts in (stages.md, "Groups of keep_last_per"). Pure.
#pragma once

#include <string>
#include <vector>

#include "engine/order/ranking.h"
#include "schema/config/config.h"

namespace imglife {

struct RankedGroup {
  std::string name;  // as TagGroup's
  std::vector<RankedTag*> newest_first;
};

// Groups in natural order of their names; every tag is in exactly one. Sets `floating` of each tag
// as its group sees it.
std::vector<RankedGroup> RankGroups(const std::vector<RankedTag*>& tags, KeepLastPer per);

}  // namespace imglife
