// Which sources have to be asked for more than single tags. Pure.
#pragma once

#include <set>
#include <vector>

#include "engine/observe/listings.h"
#include "schema/config/config.h"

namespace imglife {

// Does a build stand on a tag of the entry's target that no entry names?
bool MayHaveToProvidePins(const Config& config, const SyncEntry& entry);

// Sources whose tags have to be listed: those of entries with tag_regex, with a tag that
// os_normalize may rename, and with a target of which builds pin another tag.
std::vector<Repository> ListedSources(const Config& config);

// Sources of which an entry can't select without dates that their lists don't have.
std::set<Repository> SourcesToDate(const Config& config, const Listings& listed);

}  // namespace imglife
