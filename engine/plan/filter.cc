#include "engine/plan/filter.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "fmt/format.h"
#include "fmt/ranges.h"

#include "engine/plan/graph.h"
#include "engine/plan/hook_triggers.h"
#include "engine/plan/words.h"

namespace imglife {
namespace {

constexpr std::size_t kMostAddressesNamed = 5;

using Chosen = std::vector<bool>;  // by index of the action

bool IsWord(const std::string& pattern) {
  return KindFromName(pattern).has_value() || StageFromName(pattern).has_value();
}

// A few of the addresses, for messages.
std::string NameSome(const std::vector<std::string>& addresses) {
  const std::size_t named = std::min(addresses.size(), kMostAddressesNamed);
  std::string text = fmt::format(
      "{}",
      fmt::join(addresses.begin(), addresses.begin() + static_cast<std::ptrdiff_t>(named), ", "));
  if (addresses.size() > named) text += fmt::format(" and {} more", addresses.size() - named);
  return text;
}

// What is in `more` and not in `less`.
Chosen Without(const Chosen& more, const Chosen& less) {
  Chosen rest = more;
  for (std::size_t i = 0; i < rest.size(); ++i) rest[i] = more[i] && !less[i];
  return rest;
}

class Selection {
 public:
  explicit Selection(const Plan& plan) : plan_(plan) {
    for (std::size_t i = 0; i < plan.actions.size(); ++i) {
      addresses_.push_back(plan.actions[i].Address());
      index_.emplace(addresses_.back(), i);
    }
  }

  absl::StatusOr<Chosen> Choose(const char* option,
                                const std::vector<std::string>& patterns) const {
    Chosen chosen(plan_.actions.size(), false);
    for (const std::string& pattern : patterns) {
      bool any = IsWord(pattern);
      for (std::size_t i = 0; i < plan_.actions.size(); ++i) {
        if (!PatternMatches(pattern, plan_.actions[i])) continue;
        chosen[i] = true;
        any = true;
      }
      if (!any) return NothingMatches(option, pattern);
    }
    return chosen;
  }

  // `chosen`, everything that it needs in order to run, and the hooks of all that.
  Chosen WithNeeds(const Chosen& chosen) const {
    Chosen kept = chosen;
    // Gates are looked through: what they wait for is needed, they themselves aren't.
    Chosen seen = chosen;
    std::vector<std::size_t> open = Indices(chosen);
    while (!open.empty()) {
      const std::size_t at = open.back();
      open.pop_back();
      if (plan_.actions[at].blocked) continue;
      for (const Need& need : plan_.actions[at].needs) {
        const auto found = index_.find(need.address);
        if (found == index_.end()) continue;
        if (need.kind != NeedKind::kGate) kept[found->second] = true;
        if (seen[found->second]) continue;
        seen[found->second] = true;
        open.push_back(found->second);
      }
    }
    for (std::size_t i = 0; i < kept.size(); ++i) {
      if (IsHook(i) && HasTriggerIn(kept, i)) kept[i] = true;
    }
    return kept;
  }

  // `chosen`, and everything that depends on it.
  Chosen WithDependants(const Chosen& chosen) const {
    const auto [dependants, gated] = Dependants();
    Chosen dropped = chosen;
    std::vector<std::size_t> open = Indices(chosen);
    const auto drop = [&](std::size_t index) {
      if (dropped[index]) return;
      dropped[index] = true;
      open.push_back(index);
    };
    while (!open.empty()) {
      const std::size_t at = open.back();
      open.pop_back();
      for (const std::size_t dependant : dependants[at]) {
        drop(dependant);
        for (const std::size_t behind : gated[dependant]) drop(behind);
      }
    }
    const Chosen stays = Without(Chosen(dropped.size(), true), dropped);
    for (std::size_t i = 0; i < dropped.size(); ++i) {
      if (IsHook(i) && !HasTriggerIn(stays, i)) dropped[i] = true;
    }
    return dropped;
  }

  Chosen HooksAmong(const Chosen& chosen) const {
    Chosen hooks = chosen;
    for (std::size_t i = 0; i < hooks.size(); ++i) hooks[i] = chosen[i] && IsHook(i);
    return hooks;
  }

  std::vector<std::string> Addresses(const Chosen& chosen) const {
    std::vector<std::string> names;
    for (const std::size_t index : Indices(chosen)) names.push_back(addresses_[index]);
    std::sort(names.begin(), names.end());
    return names;
  }

 private:
  using Edges = std::vector<std::vector<std::size_t>>;

  static std::vector<std::size_t> Indices(const Chosen& chosen) {
    std::vector<std::size_t> indices;
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      if (chosen[i]) indices.push_back(i);
    }
    return indices;
  }

  bool IsHook(std::size_t index) const { return plan_.actions[index].kind == ActionKind::kHook; }

  bool HasTriggerIn(const Chosen& kept, std::size_t hook) const {
    const std::vector<std::string>& triggers = plan_.actions[hook].hook.triggers;
    return std::any_of(triggers.begin(), triggers.end(), [&](const std::string& trigger) {
      const auto found = index_.find(trigger);
      return found != index_.end() && kept[found->second];
    });
  }

  // Who depends on each action and goes with it, and which deletions each one is the gate of.
  std::pair<Edges, Edges> Dependants() const {
    Edges dependants(plan_.actions.size());
    Edges gated(plan_.actions.size());
    for (std::size_t i = 0; i < plan_.actions.size(); ++i) {
      if (IsHook(i)) continue;
      for (const Need& need : plan_.actions[i].needs) {
        const auto found = index_.find(need.address);
        if (found == index_.end()) continue;
        const bool is_gate = need.kind == NeedKind::kGate;
        (is_gate ? gated : dependants)[found->second].push_back(i);
      }
    }
    return {std::move(dependants), std::move(gated)};
  }

  absl::Status NothingMatches(const char* option, const std::string& pattern) const {
    if (addresses_.empty()) {
      return absl::InvalidArgumentError(
          fmt::format("{} {}: matches no action; the plan has none", option, pattern));
    }
    std::vector<std::string> sorted = addresses_;
    std::sort(sorted.begin(), sorted.end());
    return absl::InvalidArgumentError(fmt::format("{} {}: matches no action; the plan has {}",
                                                  option, pattern, NameSome(sorted)));
  }

  const Plan& plan_;
  std::vector<std::string> addresses_;
  std::unordered_map<std::string, std::size_t> index_;
};

// Lets actions forget those that were left out: hooks their triggers, the blocked what they need.
void ForgetOthers(std::vector<Action>& actions) {
  std::unordered_set<std::string> there;
  for (const Action& action : actions) there.insert(action.Address());
  for (Action& action : actions) {
    std::erase_if(action.needs, [&](const Need& need) { return there.count(need.address) == 0; });
    if (action.kind != ActionKind::kHook) continue;
    std::vector<std::string> triggers = action.hook.triggers;
    std::erase_if(triggers, [&](const std::string& name) { return there.count(name) == 0; });
    if (triggers.size() < action.hook.triggers.size()) SetTriggers(std::move(triggers), action);
  }
}

void Keep(const Chosen& kept, Plan& plan) {
  std::vector<Action> actions;
  for (std::size_t i = 0; i < kept.size(); ++i) {
    if (kept[i]) actions.push_back(std::move(plan.actions[i]));
  }
  ForgetOthers(actions);
  plan.partial = plan.partial || actions.size() < kept.size();
  plan.actions = std::move(actions);
}

void Say(const char* what, const std::vector<std::string>& addresses, Plan& plan) {
  if (addresses.empty()) return;
  plan.filter_notes.push_back(
      fmt::format("{}: {} ({})", what, CountText(addresses.size(), "action"), NameSome(addresses)));
}

absl::Status KeepOnly(const std::vector<std::string>& patterns, Plan& plan) {
  const Selection selection(plan);
  const absl::StatusOr<Chosen> chosen = selection.Choose("--only", patterns);
  if (!chosen.ok()) return chosen.status();
  const Chosen kept = selection.WithNeeds(*chosen);
  plan.narrowed = plan.narrowed || std::find(kept.begin(), kept.end(), false) != kept.end();
  const Chosen besides = Without(kept, *chosen);
  const Chosen hooks = selection.HooksAmong(besides);
  Say("--only takes along what the chosen actions need",
      selection.Addresses(Without(besides, hooks)), plan);
  Say("--only takes along the hooks of what it keeps", selection.Addresses(hooks), plan);
  Keep(kept, plan);
  return absl::OkStatus();
}

void Drop(const Chosen& named, Plan& plan) {
  const Selection selection(plan);
  const Chosen dropped = selection.WithDependants(named);
  Say("--exclude drops what depends on the excluded actions",
      selection.Addresses(Without(dropped, named)), plan);
  Keep(Without(Chosen(dropped.size(), true), dropped), plan);
}

// The actions that a filter leaves out of consideration, by what `Choose` said of the whole plan.
Chosen StillThere(const std::vector<std::string>& addresses, const Plan& plan) {
  Chosen there;
  for (const Action& action : plan.actions) {
    there.push_back(std::binary_search(addresses.begin(), addresses.end(), action.Address()));
  }
  return there;
}

bool ReplacesPlaceholder(const Action& action) {
  return action.kind == ActionKind::kCopy && action.operation == Operation::kCreate &&
         action.before != kAbsent;
}

}  // namespace

bool PatternMatches(const std::string& pattern, const Action& action) {
  if (pattern == KindName(action.kind) || pattern == StageName(action.stage)) return true;
  const std::string address = action.Address();
  return pattern == address || GlobMatches(pattern, address);
}

absl::Status ApplyFilter(const PlanFilter& filter, Plan& plan) {
  if (filter.empty()) return absl::OkStatus();
  const Selection whole(plan);
  const absl::StatusOr<Chosen> excluded = whole.Choose("--exclude", filter.exclude);
  if (!excluded.ok()) return excluded.status();
  const std::vector<std::string> named = whole.Addresses(*excluded);
  if (!filter.only.empty()) {
    const absl::Status kept = KeepOnly(filter.only, plan);
    if (!kept.ok()) return kept;
  }
  if (!filter.exclude.empty()) Drop(StillThere(named, plan), plan);
  for (const std::string& pattern : filter.only) plan.filters.push_back("--only " + pattern);
  for (const std::string& pattern : filter.exclude) plan.filters.push_back("--exclude " + pattern);
  ConnectActions(plan.actions);
  return SortActions(plan.actions);
}

absl::Status KeepStage(Stage stage, Plan& plan) {
  PlanFilter filter;
  filter.only = {std::string(StageName(stage))};
  for (const Action& action : plan.actions) {
    if (stage == Stage::kCleanup && ReplacesPlaceholder(action)) {
      filter.only.push_back(action.Address());
    }
  }
  const absl::Status filtered = ApplyFilter(filter, plan);
  plan.filters.clear();
  plan.filter_notes.clear();
  plan.partial = false;
  return filtered;
}

}  // namespace imglife
