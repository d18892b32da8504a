#include "engine/apply/scheduler.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include "fmt/format.h"

#include "engine/plan/graph.h"

namespace imglife {
namespace {

// Costs only order ready actions: bytes where they are known, else a guess of the same kind.
constexpr std::int64_t kUnknownCopyCost = 50'000'000;
constexpr std::int64_t kBuildCost = 200'000'000;
constexpr std::int64_t kSmallCost = 1'000;

std::int64_t Cost(const Action& action) {
  switch (action.kind) {
    case ActionKind::kCopy:
    case ActionKind::kArchive:
      return action.bytes.value_or(kUnknownCopyCost);
    case ActionKind::kBuild:
      return kBuildCost;
    default:
      return kSmallCost;
  }
}

bool IsSuccess(const ActionResult& result) {
  return result.state == ResultState::kOk || result.state == ResultState::kSatisfied;
}

bool TouchesRegistry(const Action& action) {
  return action.kind == ActionKind::kCopy || action.kind == ActionKind::kArchive ||
         action.kind == ActionKind::kBuild || action.kind == ActionKind::kDelete;
}

// An image layout stands for a host of its own.
std::string HostOf(const Repository& repository) {
  return repository.kind == Repository::Kind::kOciDir ? repository.ToString() : repository.host;
}

// A copy and an archive copy move bytes between two hosts.
std::optional<std::pair<std::string, std::string>> HostPair(const Action& action) {
  if (action.kind != ActionKind::kCopy && action.kind != ActionKind::kArchive) return std::nullopt;
  return std::make_pair(HostOf(action.copy.source.repository),
                        HostOf(action.TargetReference().repository));
}

// What becomes of an action whose need ended like `result`; `origin` is where that began.
ActionResult Inherited(const ActionResult& result, const Action& origin) {
  switch (result.state) {
    case ResultState::kBlocked:
      return {.state = ResultState::kBlocked,
              .message = fmt::format("{} is blocked", origin.Address())};
    case ResultState::kWithheld:
      return {.state = ResultState::kWithheld,
              .message = fmt::format("{} is withheld", origin.Address())};
    case ResultState::kCancelled:
      return {.state = ResultState::kCancelled, .message = "never started"};
    default:
      return {.state = ResultState::kSkipped,
              .message = fmt::format("{} failed", origin.Address())};
  }
}

}  // namespace

Scheduler::Scheduler(const Plan& plan, const SchedulerLimits& limits, bool withhold_deletions)
    : plan_(plan), limits_(limits) {
  results_.resize(plan.actions.size());
  phases_.assign(plan.actions.size(), Phase::kWaiting);
  origin_.resize(plan.actions.size());
  std::iota(origin_.begin(), origin_.end(), std::size_t{0});
  BuildGraph();
  EstimatePaths();
  SettleKnown(withhold_deletions);
  for (std::size_t i = 0; i < phases_.size(); ++i) {
    if (phases_[i] != Phase::kWaiting || waiting_for_[i] > 0) continue;
    phases_[i] = Phase::kReady;
    ready_.emplace(-remaining_path_[i], plan_.actions[i].Address(), i);
  }
}

void Scheduler::BuildGraph() {
  std::map<std::string, std::size_t> by_address;
  for (std::size_t i = 0; i < plan_.actions.size(); ++i) by_address[plan_.actions[i].Address()] = i;
  dependants_.resize(plan_.actions.size());
  waiting_for_.assign(plan_.actions.size(), 0);
  for (std::size_t i = 0; i < plan_.actions.size(); ++i) {
    for (const Need& need : plan_.actions[i].needs) {
      const auto at = by_address.find(need.address);
      // A filtered plan may lack actions that only order others.
      if (at == by_address.end()) continue;
      dependants_[at->second].push_back(i);
      ++waiting_for_[i];
      if (IsGate(need)) gates_.emplace(at->second, i);
    }
  }
}

void Scheduler::EstimatePaths() {
  remaining_path_.assign(plan_.actions.size(), 0);
  // Actions are in topological order, so every dependant comes later.
  for (std::size_t i = plan_.actions.size(); i-- > 0;) {
    std::int64_t longest = 0;
    for (const std::size_t dependant : dependants_[i]) {
      longest = std::max(longest, remaining_path_[dependant]);
    }
    remaining_path_[i] = longest + Cost(plan_.actions[i]);
  }
}

void Scheduler::SettleKnown(bool withhold_deletions) {
  for (std::size_t i = 0; i < plan_.actions.size(); ++i) {
    const Action& action = plan_.actions[i];
    if (phases_[i] == Phase::kSettled) continue;
    if (action.blocked) {
      Settle(i, {.state = ResultState::kBlocked,
                 .guard = action.blocked->guard,
                 .message = action.blocked->reason});
    } else if (withhold_deletions && action.kind == ActionKind::kDelete) {
      Settle(i,
             {.state = ResultState::kWithheld,
              .message =
                  "nobody has reviewed this deletion; apply a saved plan, or pass --auto-approve"});
    }
  }
}

std::optional<std::size_t> Scheduler::Start() {
  for (auto at = ready_.begin(); at != ready_.end(); ++at) {
    const std::size_t action = std::get<2>(*at);
    if (!Admits(action)) continue;
    ready_.erase(at);
    phases_[action] = Phase::kRunning;
    running_.insert(action);
    return action;
  }
  return std::nullopt;
}

bool Scheduler::Admits(std::size_t action) const {
  if (running_.size() >= static_cast<std::size_t>(limits_.parallelism)) return false;
  const Action& candidate = plan_.actions[action];
  if (!TouchesRegistry(candidate)) return true;
  const std::string host = HostOf(candidate.TargetReference().repository);
  const auto pair = HostPair(candidate);
  int on_host = 0;
  int on_pair = 0;
  for (const std::size_t other : running_) {
    const Action& running = plan_.actions[other];
    if (!TouchesRegistry(running)) continue;
    if (HostOf(running.TargetReference().repository) == host) ++on_host;
    if (pair && HostPair(running) == pair) ++on_pair;
  }
  return on_host < limits_.per_host && (!pair || on_pair < limits_.copies_per_host_pair);
}

void Scheduler::Finish(std::size_t action, ActionResult result) {
  running_.erase(action);
  const bool failed = result.state == ResultState::kFailed;
  Settle(action, std::move(result));
  if (!failed) return;
  ++failures_;
  if (plan_.actions[action].kind == ActionKind::kDelete) StopDeletions(action);
  if (limits_.max_failures > 0 && failures_ >= limits_.max_failures) Cancel();
}

void Scheduler::StopDeletions(std::size_t failed) {
  const Repository repository = plan_.actions[failed].TargetReference().repository;
  for (std::size_t i = 0; i < phases_.size(); ++i) {
    const Action& action = plan_.actions[i];
    if (action.kind != ActionKind::kDelete || phases_[i] == Phase::kRunning ||
        phases_[i] == Phase::kSettled || action.TargetReference().repository != repository) {
      continue;
    }
    Settle(i, {.state = ResultState::kSkipped,
               .message = fmt::format("{} failed", plan_.actions[failed].Address())});
  }
}

void Scheduler::Cancel() {
  for (std::size_t i = 0; i < phases_.size(); ++i) {
    if (phases_[i] == Phase::kWaiting || phases_[i] == Phase::kReady) {
      Settle(i, {.state = ResultState::kCancelled, .message = "never started"});
    }
  }
}

void Scheduler::Settle(std::size_t action, ActionResult result) {
  if (phases_[action] == Phase::kSettled) return;
  if (phases_[action] == Phase::kReady) {
    ready_.erase({-remaining_path_[action], plan_.actions[action].Address(), action});
  }
  phases_[action] = Phase::kSettled;
  results_[action] = std::move(result);
  newly_settled_.push_back(action);
  ++settled_;
  for (const std::size_t dependant : dependants_[action]) PassOn(action, dependant);
}

// The status commit reports whatever came out. A deletion that waits for another only as the gate
// of its repository has nothing to do with what that one itself ran into; what the gate inherited
// counts for both.
bool Scheduler::OnlyWaits(std::size_t from, std::size_t to) const {
  if (plan_.actions[to].stage == Stage::kStatus) return true;
  return origin_[from] == from && gates_.count({from, to}) > 0;
}

void Scheduler::PassOn(std::size_t from, std::size_t to) {
  if (phases_[to] == Phase::kSettled) return;
  --waiting_for_[to];
  if (!IsSuccess(results_[from]) && !OnlyWaits(from, to)) {
    origin_[to] = origin_[from];
    return Settle(to, Inherited(results_[from], plan_.actions[origin_[from]]));
  }
  if (waiting_for_[to] > 0 || phases_[to] != Phase::kWaiting) return;
  phases_[to] = Phase::kReady;
  ready_.emplace(-remaining_path_[to], plan_.actions[to].Address(), to);
}

std::vector<std::size_t> Scheduler::TakeSettled() {
  return std::exchange(newly_settled_, {});
}

}  // namespace imglife
