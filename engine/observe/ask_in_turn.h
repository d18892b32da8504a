// Questions to several registries.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace imglife {

// Calls ask(0) … ask(hosts.size() - 1), each once, and returns when all are done. Hosts take turns:
// the first question of each, then the second of each, …, so that all are busy until the end; only
// one that is slower than the others gets to fill the places for questions in flight. `ask` may be
// called from any thread and must not throw.
void AskInTurn(const std::vector<std::string>& hosts, const std::function<void(std::size_t)>& ask);

}  // namespace imglife
