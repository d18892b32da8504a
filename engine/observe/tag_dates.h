// When tags were pushed, for lists that came without it.
#pragma once

#include <map>
#include <set>

#include "absl/status/statusor.h"

#include "engine/observe/registry_memo.h"

namespace imglife {

// Asks for the dates of `repositories` all together and puts those of listed tags into `lists`, or
// why there are none. Repositories without a readable list are left alone, and those without tags:
// of one that isn't there yet a registry's own API knows nothing, which is no reason to fail.
void AddDates(const std::set<Repository>& repositories, RegistryMemo& registry,
              std::map<Repository, absl::StatusOr<TagList>>& lists);

}  // namespace imglife
