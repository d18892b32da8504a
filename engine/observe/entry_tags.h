// The tags that a sync entry selects from, and what it selects by itself. Pure.
#pragma once

#include <string>
#include <vector>

#include "engine/order/selection.h"
#include "providers/registry.h"
#include "schema/config/config.h"

namespace imglife {

// Does the entry's expression match the tag, or its `tag` name it? Whatever it excludes and keeps.
bool Matches(const SyncEntry& entry, const std::string& tag);

// The tags of `list` that the entry can select, with their dates. Those of signatures and the like
// come with what they belong to where the entry copies referrers: then they are no tags of their
// own.
std::vector<ListedTag> SelectableTags(const SyncEntry& entry, const TagList& list);

// The same for an entry with `tag`, and the `pins` that it shall provide: that the source has them
// is what the configuration says.
std::vector<ListedTag> NamedTags(const SyncEntry& entry, const std::vector<PinnedTag>& pins = {});

// What an entry selects by itself, newest first; nothing where that is an error.
std::vector<std::string> SelectedNames(const SyncEntry& entry, const TagList& list);

}  // namespace imglife
