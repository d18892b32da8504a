// What deletions depend on besides the images that they remove.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/observe/observed.h"
#include "engine/observe/registry_memo.h"

namespace imglife {

// Fills in `observed` for these tags, which have been read: what their registries can do
// (`capabilities`), what refers to their digests (`referrers`), and who else uses what they lead to
// (`uses`, with what refers to them or to their parts, and to that). What can't be read is an error
// there, never nothing. Nothing is asked of a repository that isn't named.
void ObserveDeletions(const std::map<Repository, std::vector<std::string>>& candidates,
                      RegistryMemo& registry, Observed& observed);

}  // namespace imglife
