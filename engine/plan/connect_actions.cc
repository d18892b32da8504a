#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_set>
#include <utility>
#include <vector>

#include "fmt/format.h"

#include "engine/plan/graph.h"

namespace imglife {
namespace {

constexpr const char* kReadFirst = "it reads the digest that the tag has";
constexpr const char* kAddedFirst = "everything is added to the repository before a tag goes";
constexpr const char* kBuiltOnIt = "it was built on the tag";
constexpr const char* kArchivedFirst = "the tag is archived before it is deleted";
constexpr const char* kGateReason =
    "the first deletion of the repository waits for all that is added there";
constexpr const char* kReportedOn = "the report tells of its result";

struct RepositoryWork {
  std::vector<std::size_t> additions;  // copies and builds there, archive copies from there
  std::vector<std::size_t> deletions;
};

// Actions as the edges of deletions need them: by repository, and by what they read.
class DeletionGraph {
 public:
  explicit DeletionGraph(std::vector<Action>& actions) : actions_(actions) {
    for (const Action& action : actions_) {
      addresses_.push_back(action.Address());
      targets_.push_back(action.HasReference() ? action.TargetReference() : Reference{});
    }
    for (std::size_t i = 0; i < actions_.size(); ++i) Enter(i);
  }

  void Connect() {
    for (const auto& [repository, work] : repositories_) ConnectRepository(work);
  }

 private:
  void Enter(std::size_t index) {
    const Action& action = actions_[index];
    if (!action.HasReference()) return;
    const Repository& repository = targets_[index].repository;
    if (action.kind == ActionKind::kDelete) {
      deletions_.insert(addresses_[index]);
      repositories_[repository].deletions.push_back(index);
      return;
    }
    repositories_[repository].additions.push_back(index);
    const Reference& read =
        action.kind == ActionKind::kBuild ? action.build.base : action.copy.source;
    if (action.kind == ActionKind::kArchive && read.repository != repository) {
      repositories_[read.repository].additions.push_back(index);
    }
    readers_[{read.repository, read.tag}].push_back(index);
    readers_[{read.repository, read.digest.str()}].push_back(index);
  }

  // A deletion that will run doesn't wait for an archive copy that won't.
  bool WaitsFor(const Action& deletion, const Action& other) const {
    return other.kind != ActionKind::kArchive || !other.blocked || deletion.blocked;
  }

  void AddReaders(std::size_t deletion, const std::string& tag_or_digest) {
    if (tag_or_digest.empty()) return;
    const auto found = readers_.find({targets_[deletion].repository, tag_or_digest});
    if (found == readers_.end()) return;
    const std::string& tag = targets_[deletion].tag;
    std::vector<Need>& needs = actions_[deletion].needs;
    for (const std::size_t reader : found->second) {
      const Action& other = actions_[reader];
      const bool archives_it = other.kind == ActionKind::kArchive && other.copy.source.tag == tag;
      if (archives_it) {
        needs.push_back({addresses_[reader], kArchivedFirst, NeedKind::kArchived});
      } else if (WaitsFor(actions_[deletion], other)) {
        needs.push_back({addresses_[reader], kReadFirst});
      }
    }
  }

  void AddAllReaders(std::size_t deletion) {
    const Action& action = actions_[deletion];
    AddReaders(deletion, targets_[deletion].tag);
    AddReaders(deletion, action.before);
    for (const Digest& child : action.removal.exclusive_children) AddReaders(deletion, child.str());
    for (const Digest& referrer : action.removal.exclusive_referrers) {
      AddReaders(deletion, referrer.str());
    }
  }

  void AddAdditions(std::size_t deletion, const std::vector<std::size_t>& additions) {
    std::vector<Need>& needs = actions_[deletion].needs;
    needs.reserve(needs.size() + additions.size());
    for (const std::size_t addition : additions) {
      if (WaitsFor(actions_[deletion], actions_[addition])) {
        needs.push_back({addresses_[addition], kAddedFirst});
      }
    }
  }

  // What has no deletion here stays: that blocks this one (BlockBases) and isn't waited for.
  void AddBuiltOnIt(std::size_t deletion) {
    Action& action = actions_[deletion];
    for (const std::string& target : action.removal.built_on_it) {
      std::string built = fmt::format("{} {}", KindName(ActionKind::kDelete), target);
      if (deletions_.count(built) > 0) action.needs.push_back({std::move(built), kBuiltOnIt});
    }
  }

  bool IsBase(std::size_t deletion) const {
    return !actions_[deletion].removal.built_on_it.empty();
  }

  // The first by address, preferably of those that will run. A base is none: what it waits for may
  // wait for the gate.
  std::optional<std::size_t> Gate(const std::vector<std::size_t>& deletions) const {
    const auto rank = [&](std::size_t deletion) {
      return std::make_tuple(IsBase(deletion), actions_[deletion].blocked.has_value(),
                             std::cref(addresses_[deletion]));
    };
    const auto first =
        std::min_element(deletions.begin(), deletions.end(),
                         [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });
    if (IsBase(*first)) return std::nullopt;
    return *first;
  }

  void ConnectRepository(const RepositoryWork& work) {
    if (work.deletions.empty()) return;
    const bool pairs = work.additions.size() <= kMostDeletionPairs / work.deletions.size();
    const auto gate = Gate(work.deletions);
    for (const std::size_t deletion : work.deletions) {
      AddBuiltOnIt(deletion);
      AddAllReaders(deletion);
      if (pairs || !gate || deletion == *gate || IsBase(deletion)) {
        AddAdditions(deletion, work.additions);
      } else {
        actions_[deletion].needs.push_back({addresses_[*gate], kGateReason, NeedKind::kGate});
      }
    }
  }

  std::vector<Action>& actions_;
  std::vector<std::string> addresses_;
  std::unordered_set<std::string> deletions_;  // addresses
  std::vector<Reference> targets_;
  std::map<Repository, RepositoryWork> repositories_;
  std::map<std::pair<Repository, std::string>, std::vector<std::size_t>> readers_;
};

bool IsStatusCommit(const Action& action) {
  return action.stage == Stage::kStatus && action.kind == ActionKind::kCommit;
}

void ConnectStatus(std::vector<Action>& actions) {
  for (Action& report : actions) {
    if (!IsStatusCommit(report)) continue;
    for (const Action& other : actions) {
      if (IsStatusCommit(other) || !ChangesReport(other)) continue;
      report.needs.push_back({other.Address(), kReportedOn});
    }
  }
}

void ConnectHooks(std::vector<Action>& actions) {
  for (Action& hook : actions) {
    if (hook.kind != ActionKind::kHook) continue;
    for (const std::string& trigger : hook.hook.triggers) {
      hook.needs.push_back({trigger, std::string(kTriggerReason)});
    }
  }
}

// Of several edges to one address the first that was made stays.
void SortNeeds(std::vector<Need>& needs) {
  std::stable_sort(needs.begin(), needs.end(),
                   [](const Need& a, const Need& b) { return a.address < b.address; });
  needs.erase(std::unique(needs.begin(), needs.end(),
                          [](const Need& a, const Need& b) { return a.address == b.address; }),
              needs.end());
}

}  // namespace

bool ChangesReport(const Action& action) {
  return !action.blocked && action.kind != ActionKind::kHook && action.kind != ActionKind::kArchive;
}

void ConnectActions(std::vector<Action>& actions) {
  for (Action& action : actions) {
    std::erase_if(action.needs, [](const Need& need) { return need.kind == NeedKind::kGate; });
  }
  DeletionGraph(actions).Connect();
  ConnectHooks(actions);
  ConnectStatus(actions);
  for (Action& action : actions) SortNeeds(action.needs);
}

}  // namespace imglife
