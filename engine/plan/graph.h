// The order of actions (plan-apply.md, "Edges").
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

#include "engine/plan/action.h"

namespace imglife {

// The reason of the edges from hooks to their triggers.
inline constexpr std::string_view kTriggerReason = "the hook runs over its result";

// Above so many (deletion, addition) pairs in one repository, its first deletion waits for the
// additions and the others wait for that one: n + m edges where pairs would be n · m.
inline constexpr std::size_t kMostDeletionPairs = 10'000;

// Adds the edges that follow from what actions are: archive(T) before delete(T); delete(T) after
// every copy, build and archive in its repository, after every action that reads T's digest, and
// after the deletions of what was built on T that are there;
// hooks after their triggers; the status commit after everything that it reports on, which is all
// but hooks. Deletions and the status commit don't wait for deletions and archive copies that are
// blocked. Edges that an action already has stay (a build's base), except gates, which are made
// anew: calling it again after actions were dropped or unblocked is safe. Sorted, each address
// once.
void ConnectActions(std::vector<Action>& actions);

// Topological order, ties by the bytes of the address. InvalidArgument prints the whole cycle as a
// path that closes on itself, or names a need that isn't there, or an address that is there twice.
absl::Status SortActions(std::vector<Action>& actions);

// Will it change something that the status report tells of? Hooks and archive copies don't, nor
// does what won't run. The commit of the report needs exactly these.
bool ChangesReport(const Action& action);

}  // namespace imglife
