#include "schema/text/suggest.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace imglife {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// Insertions, deletions, substitutions and swaps of neighbours that lead from `a` to `b` (optimal
// string alignment).
std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last.swap(last);
    last.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = a[i - 1] == b[j - 1] ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + changed});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace

std::optional<std::string> NearestWord(std::string_view word,
                                       const std::vector<std::string>& candidates) {
  const std::string wanted = Lower(word);
  const std::size_t most = word.size() / 3;
  const std::string* nearest = nullptr;
  std::size_t nearest_distance = 0;
  for (const std::string& candidate : candidates) {
    const std::size_t longer = std::max(candidate.size(), wanted.size());
    const std::size_t shorter = std::min(candidate.size(), wanted.size());
    if (longer - shorter > most) continue;
    const std::size_t distance = EditDistance(wanted, Lower(candidate));
    if (distance > most) continue;
    const bool nearer = nearest == nullptr || distance < nearest_distance ||
                        (distance == nearest_distance && candidate < *nearest);
    if (!nearer) continue;
    nearest = &candidate;
    nearest_distance = distance;
  }
  if (nearest == nullptr) return std::nullopt;
  return *nearest;
}

std::vector<std::string> NearestWords(std::string_view word, std::vector<std::string> candidates,
                                      std::size_t most) {
  const std::string wanted = Lower(word);
  std::vector<std::pair<std::size_t, std::string>> by_distance;
  by_distance.reserve(candidates.size());
  for (std::string& candidate : candidates) {
    const std::size_t distance = EditDistance(wanted, Lower(candidate));
    by_distance.emplace_back(distance, std::move(candidate));
  }
  std::sort(by_distance.begin(), by_distance.end());
  by_distance.resize(std::min(most, by_distance.size()));
  std::vector<std::string> nearest;
  nearest.reserve(by_distance.size());
  for (auto& [distance, name] : by_distance) nearest.push_back(std::move(name));
  return nearest;
}

}  // namespace imglife
