// Order in a directed graph of names, and the cycles that make one impossible (images that stand on
// each other). Pure; the results depend on the graph alone, never on the order of edges.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace imglife {

// A name and the names that it needs. A name that is only needed belongs to the graph too.
using NeedsGraph = std::map<std::string, std::vector<std::string>>;

// A path that closes on itself ({"a", "b", "a"}: a needs b, b needs a), starting at its smallest
// name; nothing if there is none. O((n + e) log n).
std::optional<std::vector<std::string>> FindCycle(const NeedsGraph& needs);

// Every name once, after all that it needs; of the names that could come next the smallest.
// InvalidArgument "a -> b -> a" if there is a cycle.
absl::StatusOr<std::vector<std::string>> TopologicalOrder(const NeedsGraph& needs);

}  // namespace imglife
