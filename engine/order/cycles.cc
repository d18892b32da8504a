#include "engine/order/cycles.h"

#include <algorithm>
#include <cstddef>
#include <set>

#include "absl/status/status.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace imglife {
namespace {

// What Kahn's algorithm leaves: the order it found, and who still waits for whom.
struct Sorted {
  std::vector<std::string> order;
  std::map<std::string, std::set<std::string>> waiting;
};

Sorted Sort(const NeedsGraph& needs) {
  Sorted sorted;
  std::map<std::string, std::vector<std::string>> needed_by;
  for (const auto& [name, wanted] : needs) {
    sorted.waiting[name].insert(wanted.begin(), wanted.end());
    for (const std::string& need : wanted) sorted.waiting[need];
  }
  std::set<std::string> ready;
  for (const auto& [name, wanted] : sorted.waiting) {
    if (wanted.empty()) ready.insert(name);
    for (const std::string& need : wanted) needed_by[need].push_back(name);
  }
  while (!ready.empty()) {
    const std::string name = *ready.begin();
    ready.erase(ready.begin());
    sorted.order.push_back(name);
    sorted.waiting.erase(name);
    for (const std::string& waiter : needed_by[name]) {
      std::set<std::string>& wanted = sorted.waiting.at(waiter);
      wanted.erase(name);
      if (wanted.empty()) ready.insert(waiter);
    }
  }
  return sorted;
}

// Whoever still waits, waits for one who still waits: following the smallest name comes back.
std::vector<std::string> CycleAmong(const std::map<std::string, std::set<std::string>>& waiting) {
  std::vector<std::string> path;
  std::map<std::string, std::size_t> place;
  std::string name = waiting.begin()->first;
  while (place.emplace(name, path.size()).second) {
    path.push_back(name);
    name = *waiting.at(name).begin();
  }
  path.erase(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(place.at(name)));
  std::rotate(path.begin(), std::min_element(path.begin(), path.end()), path.end());
  path.push_back(path.front());
  return path;
}

}  // namespace

std::optional<std::vector<std::string>> FindCycle(const NeedsGraph& needs) {
  const Sorted sorted = Sort(needs);
  if (sorted.waiting.empty()) return std::nullopt;
  return CycleAmong(sorted.waiting);
}

absl::StatusOr<std::vector<std::string>> TopologicalOrder(const NeedsGraph& needs) {
  Sorted sorted = Sort(needs);
  if (sorted.waiting.empty()) return std::move(sorted.order);
  return absl::InvalidArgumentError(
      fmt::format("{}", fmt::join(CycleAmong(sorted.waiting), " -> ")));
}

}  // namespace imglife
