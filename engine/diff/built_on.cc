#include "engine/diff/built_on.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "fmt/format.h"

#include "engine/observe/base_index.h"
#include "engine/observe/named_bases.h"
#include "engine/observe/observe_archives.h"

namespace imglife {
namespace {

class DeletionOrder {
 public:
  DeletionOrder(const Config& config, const Observed& observed,
                const std::vector<Repository>& scope, std::vector<Action>& actions)
      : observed_(observed), index_(observed.servers) {
    const FormerNames former_names(config, scope);
    for (Action& action : actions) {
      if (action.kind != ActionKind::kDelete) continue;
      deletions_.emplace(action.target, &action);
      Add(action.TargetReference(), former_names);
    }
  }

  void Place(const Reference& going) {
    const ObservedImage* image = observed_.FindImage(going.repository, going.tag);
    if (image == nullptr) return;
    const std::string built = Reference{going.repository, going.tag, {}}.ToString();
    for (const Reference& base : index_.Find(NamedBasesOf(*image))) {
      if (base.ToString() != built) PlaceAfter(built, *deletions_.at(base.ToString()));
    }
  }

 private:
  void Add(Reference tag, const FormerNames& former_names) {
    tag.digest = observed_.DigestOf(tag.repository, tag.tag);
    index_.Add(tag, observed_.FindImage(tag.repository, tag.tag));
    for (const Reference& name : former_names.Of(tag)) index_.AddFormerName(name, tag);
  }

  void PlaceAfter(const std::string& built, Action& base) {
    if (!GoesBefore(base.target, built)) {
      base.removal.built_on_it.push_back(built);
    } else if (!base.blocked) {
      base.blocked = Block{
          "in_use",
          fmt::format("{} was built on it, and it was built on that: neither can go first", built)};
    }
  }

  // Does `first` have to be gone before `then` may go?
  bool GoesBefore(const std::string& first, const std::string& then) const {
    std::set<std::string> seen;
    std::vector<std::string> open = {then};
    while (!open.empty()) {
      const std::string target = open.back();
      open.pop_back();
      if (target == first) return true;
      const auto deletion = deletions_.find(target);
      if (deletion == deletions_.end() || !seen.insert(target).second) continue;
      const std::vector<std::string>& before = deletion->second->removal.built_on_it;
      open.insert(open.end(), before.begin(), before.end());
    }
    return false;
  }

  const Observed& observed_;
  BaseIndex index_;
  std::map<std::string, Action*> deletions_;
};

}  // namespace

void NoteWhatWasBuiltOn(const Config& config, const Observed& observed,
                        const std::vector<Repository>& scope, const std::vector<Reference>& going,
                        std::vector<Action>& actions) {
  DeletionOrder order(config, observed, scope, actions);
  for (const Reference& tag : going) order.Place(tag);
  for (Action& action : actions) {
    std::vector<std::string>& built = action.removal.built_on_it;
    std::sort(built.begin(), built.end());
    built.erase(std::unique(built.begin(), built.end()), built.end());
  }
}

}  // namespace imglife
