#include "engine/observe/ask_in_turn.h"

#include <algorithm>
#include <map>
#include <utility>

#include "engine/observe/parallel.h"

namespace imglife {

void AskInTurn(const std::vector<std::string>& hosts, const std::function<void(std::size_t)>& ask) {
  std::map<std::string, std::size_t> asked;
  std::vector<std::pair<std::size_t, std::size_t>> turns;  // how many of its host are before it
  turns.reserve(hosts.size());
  for (std::size_t i = 0; i < hosts.size(); ++i) turns.emplace_back(asked[hosts[i]]++, i);
  std::sort(turns.begin(), turns.end());
  ParallelFor(turns.size(), kQuestionsInFlight, [&](std::size_t i) { ask(turns[i].second); });
}

}  // namespace imglife
