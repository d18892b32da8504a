#include <map>
#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"

#include "engine/plan/guards.h"

namespace imglife {
namespace {

// Deletions by what they delete, and what stands on each.
class Bases {
 public:
  explicit Bases(std::vector<Action>& actions) {
    for (Action& action : actions) {
      if (action.kind != ActionKind::kDelete) continue;
      if (action.blocked && action.blocked->guard == kBaseInUse) action.blocked.reset();
      deletions_.emplace(action.target, &action);
    }
    for (const auto& [target, deletion] : deletions_) {
      for (const std::string& built : deletion->removal.built_on_it) {
        bases_[built].push_back(deletion);
      }
    }
  }

  void Block() {
    std::vector<std::string> open;
    for (const auto& [built, bases] : bases_) {
      if (Stays(built)) open.push_back(built);
    }
    while (!open.empty()) {
      const std::string built = std::move(open.back());
      open.pop_back();
      for (Action* base : bases_[built]) {
        if (base->blocked) continue;
        base->blocked = imglife::Block{std::string(kBaseInUse),
                                       fmt::format("{}, which stays, was built on it", built)};
        open.push_back(base->target);
      }
    }
  }

 private:
  // Of what has no deletion in the plan nothing says that it goes.
  bool Stays(const std::string& target) const {
    const auto deletion = deletions_.find(target);
    return deletion == deletions_.end() || deletion->second->blocked;
  }

  std::map<std::string, Action*> deletions_;
  std::map<std::string, std::vector<Action*>> bases_;
};

}  // namespace

void BlockBases(std::vector<Action>& actions) {
  Bases(actions).Block();
}

}  // namespace imglife
