// Which tags there are: the first questions of a run.
#pragma once

#include <set>
#include <vector>

#include "engine/observe/listings.h"
#include "engine/observe/observed.h"
#include "engine/observe/parallel.h"
#include "engine/observe/registry_memo.h"

namespace imglife {

// Adds a question for each repository to `tasks`. `lists` gets a place for each answer right away,
// and must not lose one before the tasks are done.
void AddLists(const std::set<Repository>& repositories, RegistryMemo& registry, Listings& lists,
              std::vector<Task>& tasks);

// Tells `observed` what `lists` say of `targets`, all of which are in them.
void KeepTargetLists(const std::set<Repository>& targets, const Listings& lists,
                     Observed& observed);

}  // namespace imglife
