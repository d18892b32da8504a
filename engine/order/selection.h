// Which tags a rule selects (stages.md, sync: "Selecting"). Looks at names and listed dates only.
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "engine/order/tag_order.h"
#include "schema/config/config.h"

namespace imglife {

// One group of `keep_last_per`, newest first: what was kept and what was not.
struct TagGroup {
  // "all", "3", "3.21", "alpine3.21", "3.21 slim"; "(plain)" for the tags without a suffix;
  // "dates" and "others" for those kinds.
  std::string name;
  std::vector<std::string> newest_first;
};

// Splits tags into the groups that keep_last counts in, groups sorted by name ("3.9" before
// "3.10"), tags newest first. With kAll the only group holds every kind.
std::vector<TagGroup> GroupTags(const std::vector<ListedTag>& tags, KeepLastPer per);

struct Selection {
  // Newest first over all groups; includes the pinned tags that exist upstream.
  std::vector<std::string> tags;
  // Pinned tags that the listing doesn't have.
  std::vector<std::string> missing_pins;
  // Pinned tags that `exclude` matches: selected all the same.
  std::vector<std::string> excluded_pins;
  // Why each selected tag is: "newest 3 of 41 matching tags", "pinned by build.images[0]".
  std::vector<std::string> reasons;  // parallel to `tags`
  // Those of `tags` that the entry doesn't select by itself: builds stand on them, no more.
  std::set<std::string> pinned_only;
};

// A tag that a build stands on.
struct PinnedTag {
  std::string tag;
  std::string by;  // "build.images[0]"
};

// FailedPrecondition if keep_last would have to choose among `other` tags of docker.io that don't
// all have dates; `dates` says why they don't, OK where Docker Hub gave none. InvalidArgument if an
// expression isn't RE2.
absl::StatusOr<Selection> SelectTags(const SyncEntry& entry, const std::vector<ListedTag>& listed,
                                     const std::vector<PinnedTag>& pins,
                                     const absl::Status& dates = absl::OkStatus());

}  // namespace imglife
