// The order of actions (plan-apply.md, "Edges").
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"

#include "engine/plan/action.h"

namespace imglife {

// Adds the edges that follow from what actions are: delete(T) after every copy, build and archive
// in its repository and after every action that reads T's digest; archive(T) before delete(T);
// hooks after their triggers; the status commit after everything else. Edges that an action already
// has stay (a build's base). Sorted, each address once.
void ConnectActions(std::vector<Action>& actions);

// Topological order, ties by the bytes of the address. InvalidArgument prints the whole cycle as a
// path that closes on itself, or names a need that isn't there.
absl::Status SortActions(std::vector<Action>& actions);

}  // namespace imglife
