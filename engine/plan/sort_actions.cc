#include <algorithm>
#include <functional>
#include <map>
#include <queue>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fmt/format.h"

#include "engine/plan/graph.h"

namespace imglife {
namespace {

// Actions by rank: their place in the order of addresses.
struct RankedGraph {
  std::vector<std::string> addresses;                // by rank, ascending
  std::vector<std::size_t> actions;                  // rank → index in the plan
  std::vector<std::vector<std::size_t>> needs;       // ranks
  std::vector<std::vector<std::size_t>> dependants;  // ranks
};

// The rank of an address, or the number of actions if there is none.
std::size_t RankOf(const RankedGraph& graph, const std::string& address) {
  const auto found = std::lower_bound(graph.addresses.begin(), graph.addresses.end(), address);
  if (found == graph.addresses.end() || *found != address) return graph.addresses.size();
  return static_cast<std::size_t>(found - graph.addresses.begin());
}

absl::StatusOr<RankedGraph> Rank(const std::vector<Action>& actions) {
  std::vector<std::pair<std::string, std::size_t>> sorted;
  sorted.reserve(actions.size());
  for (std::size_t i = 0; i < actions.size(); ++i) sorted.emplace_back(actions[i].Address(), i);
  std::sort(sorted.begin(), sorted.end());
  RankedGraph graph;
  for (auto& [address, index] : sorted) {
    if (!graph.addresses.empty() && graph.addresses.back() == address) {
      return absl::InvalidArgumentError(fmt::format("the action \"{}\" is there twice", address));
    }
    graph.addresses.push_back(std::move(address));
    graph.actions.push_back(index);
  }
  graph.needs.resize(actions.size());
  graph.dependants.resize(actions.size());
  for (std::size_t rank = 0; rank < actions.size(); ++rank) {
    for (const Need& need : actions[graph.actions[rank]].needs) {
      const std::size_t needed = RankOf(graph, need.address);
      if (needed == actions.size()) {
        return absl::InvalidArgumentError(
            fmt::format("\"{}\" needs \"{}\" ({}), which isn't in the plan", graph.addresses[rank],
                        need.address, need.reason));
      }
      graph.needs[rank].push_back(needed);
      graph.dependants[needed].push_back(rank);
    }
  }
  return graph;
}

// Every rank with `waiting` left stands on a cycle or behind one; walking along what it waits for
// ends on the cycle.
absl::Status CycleError(const RankedGraph& graph, const std::vector<std::size_t>& waiting) {
  std::size_t at = 0;
  while (waiting[at] == 0) ++at;
  std::vector<std::size_t> path;
  std::vector<bool> seen(waiting.size(), false);
  while (!seen[at]) {
    seen[at] = true;
    path.push_back(at);
    at = *std::find_if(graph.needs[at].begin(), graph.needs[at].end(),
                       [&](std::size_t needed) { return waiting[needed] > 0; });
  }
  path.erase(path.begin(), std::find(path.begin(), path.end(), at));
  std::rotate(path.begin(), std::min_element(path.begin(), path.end()), path.end());
  std::string text;
  for (const std::size_t rank : path) text += graph.addresses[rank] + " → ";
  return absl::InvalidArgumentError(fmt::format("these actions need each other in a circle: {}{}",
                                                text, graph.addresses[path.front()]));
}

}  // namespace

absl::Status SortActions(std::vector<Action>& actions) {
  const absl::StatusOr<RankedGraph> graph = Rank(actions);
  if (!graph.ok()) return graph.status();
  std::vector<std::size_t> waiting;
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t rank = 0; rank < actions.size(); ++rank) {
    waiting.push_back(graph->needs[rank].size());
    if (waiting.back() == 0) ready.push(rank);
  }
  std::vector<Action> sorted;
  sorted.reserve(actions.size());
  std::vector<std::size_t> order;
  while (!ready.empty()) {
    const std::size_t rank = ready.top();
    ready.pop();
    order.push_back(graph->actions[rank]);
    for (const std::size_t dependant : graph->dependants[rank]) {
      if (--waiting[dependant] == 0) ready.push(dependant);
    }
  }
  if (order.size() < actions.size()) return CycleError(*graph, waiting);
  for (const std::size_t index : order) sorted.push_back(std::move(actions[index]));
  actions = std::move(sorted);
  return absl::OkStatus();
}

}  // namespace imglife
