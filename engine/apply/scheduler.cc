#include "engine/apply/scheduler.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <utility>

#include "fmt/format.h"

#include "engine/apply/hook_command.h"
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

bool IsAddition(const Action& action) {
  return action.kind == ActionKind::kCopy || action.kind == ActionKind::kBuild;
}

bool IsSuccess(const ActionResult& result) {
  return result.state == ResultState::kOk || result.state == ResultState::kSatisfied;
}

// An image layout stands for a host of its own.
std::string HostOf(const Repository& repository) {
  return repository.kind == Repository::Kind::kOciDir ? repository.ToString() : repository.host;
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
      return NeverStarted();
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
  additions_left_ =
      static_cast<std::size_t>(std::count_if(plan.actions.begin(), plan.actions.end(), IsAddition));
  BuildGraph();
  EstimatePaths();
  AssignLanes();
  SettleKnown(withhold_deletions);
  for (std::size_t i = 0; i < phases_.size(); ++i) {
    if (phases_[i] == Phase::kWaiting && waiting_for_[i] == 0) MakeReady(i);
  }
}

void Scheduler::BuildGraph() {
  std::map<std::string, std::size_t> by_address;
  for (std::size_t i = 0; i < plan_.actions.size(); ++i) by_address[plan_.actions[i].Address()] = i;
  dependants_.resize(plan_.actions.size());
  triggers_.resize(plan_.actions.size());
  waiting_for_.assign(plan_.actions.size(), 0);
  for (std::size_t i = 0; i < plan_.actions.size(); ++i) {
    for (const Need& need : plan_.actions[i].needs) {
      const auto at = by_address.find(need.address);
      // A filtered plan may lack actions that only order others.
      if (at == by_address.end()) continue;
      dependants_[at->second].push_back(i);
      ++waiting_for_[i];
      if (need.kind == NeedKind::kGate) gates_.emplace(at->second, i);
      if (plan_.actions[i].kind == ActionKind::kHook) triggers_[i].push_back(at->second);
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

void Scheduler::AssignLanes() {
  for (const Action& action : plan_.actions) {
    if (!action.HasReference()) {
      lane_of_.push_back(&lanes_[{}]);
      lane_of_.back()->limit = limits_.parallelism;
      continue;
    }
    const Repository repository = action.TargetReference().repository;
    const std::string host = HostOf(repository);
    if (action.kind == ActionKind::kDelete) {
      lane_of_.push_back(&lanes_[{host, "", repository.ToString()}]);
      lane_of_.back()->limit = 1;
      lane_of_.back()->deletes = true;
    } else if (action.kind == ActionKind::kBuild) {
      lane_of_.push_back(&lanes_[{host, "", ""}]);
      lane_of_.back()->limit = limits_.parallelism;
    } else {
      // A copy and an archive copy move bytes between two hosts.
      lane_of_.push_back(&lanes_[{host, HostOf(action.copy.source.repository), ""}]);
      lane_of_.back()->limit = limits_.copies_per_host_pair;
    }
  }
}

void Scheduler::MakeReady(std::size_t action) {
  phases_[action] = Phase::kReady;
  LaneOf(action).ready.insert(PlaceInQueue(action));
}

Scheduler::Queue::value_type Scheduler::PlaceInQueue(std::size_t action) const {
  return {-remaining_path_[action], plan_.actions[action].Address(), action};
}

// Dependants come later in the plan: theirs is known before they would inherit another.
void Scheduler::SettleKnown(bool withhold_deletions) {
  for (std::size_t i = plan_.actions.size(); i-- > 0;) {
    const Action& action = plan_.actions[i];
    if (phases_[i] == Phase::kSettled || !action.blocked) continue;
    Settle(i, {.state = ResultState::kBlocked,
               .guard = action.blocked->guard,
               .message = action.blocked->reason});
  }
  if (withhold_deletions) {
    WithholdAll(ActionKind::kDelete,
                "nobody has reviewed this deletion; apply a saved plan, or pass --auto-approve");
    // It serves one deletion, and an archive of what isn't deleted is of no use.
    WithholdAll(ActionKind::kArchive, "the deletion that it serves is withheld");
  }
  std::sort(newly_settled_.begin(), newly_settled_.end());
}

void Scheduler::WithholdAll(ActionKind kind, const std::string& why) {
  for (std::size_t i = 0; i < plan_.actions.size(); ++i) {
    if (plan_.actions[i].kind != kind) continue;
    Settle(i, {.state = ResultState::kWithheld, .message = why});
  }
}

std::optional<std::size_t> Scheduler::Start() {
  if (!HasRoom()) return std::nullopt;
  const Queue::value_type* best = nullptr;
  for (const auto& [key, lane] : lanes_) {
    if (lane.ready.empty() || !Admits(lane)) continue;
    if (best == nullptr || *lane.ready.begin() < *best) best = &*lane.ready.begin();
  }
  if (best == nullptr) return std::nullopt;
  const std::size_t action = std::get<2>(*best);
  Lane& lane = LaneOf(action);
  lane.ready.erase(lane.ready.begin());
  phases_[action] = Phase::kRunning;
  ++running_;
  ++lane.running;
  return action;
}

bool Scheduler::HasRoom() const {
  const auto most = static_cast<std::size_t>(limits_.parallelism);
  return running_ - queued_ - std::min(ending_, most - 1) < most;
}

Scheduler::Transfer Scheduler::BeginTransfer(std::size_t action) {
  if (phases_[action] == Phase::kTransferring) return Transfer::kBegun;
  if (cancelled_) return Transfer::kRefused;
  if (phases_[action] == Phase::kQueued) return Transfer::kQueued;
  Lane& lane = LaneOf(action);
  if (lane.transferring < lane.limit) {
    --lane.running;
    Transferring(action);
    return Transfer::kBegun;
  }
  phases_[action] = Phase::kQueued;
  lane.queued.insert(PlaceInQueue(action));
  ++queued_;
  return Transfer::kQueued;
}

void Scheduler::Transferring(std::size_t action) {
  ++LaneOf(action).transferring;
  phases_[action] = Phase::kTransferring;
}

void Scheduler::EndTransfer(std::size_t action) {
  LeavePhase(action);
  ++ending_;
  phases_[action] = Phase::kEnding;
}

// The place of a transfer that ended.
void Scheduler::PassTransferOn(Lane& lane) {
  if (cancelled_ || lane.queued.empty()) return;
  const std::size_t next = std::get<2>(*lane.queued.begin());
  LeavePhase(next);
  Transferring(next);
}

void Scheduler::LeavePhase(std::size_t action) {
  Lane& lane = LaneOf(action);
  switch (phases_[action]) {
    case Phase::kQueued:
      lane.queued.erase(PlaceInQueue(action));
      --queued_;
      --lane.running;
      break;
    case Phase::kTransferring:
      --lane.transferring;
      PassTransferOn(lane);
      break;
    case Phase::kEnding:
      --ending_;
      break;
    default:
      --lane.running;
      break;
  }
}

bool Scheduler::Admits(const Lane& lane) const {
  if (lane.running >= lane.limit) return false;
  return !lane.deletes || additions_left_ == 0;
}

void Scheduler::Finish(std::size_t action, ActionResult result) {
  --running_;
  LeavePhase(action);
  const ResultState state = result.state;
  Settle(action, std::move(result));
  const bool failed = state == ResultState::kFailed;
  const bool unknown = state == ResultState::kInterrupted;
  if ((failed || unknown) && plan_.actions[action].kind == ActionKind::kDelete) {
    StopDeletions(action);
  }
  if (failed && ++failures_ >= limits_.max_failures && limits_.max_failures > 0) {
    CancelAllButHooks();
  }
}

void Scheduler::StopDeletions(std::size_t failed) {
  for (std::size_t i = 0; i < phases_.size(); ++i) {
    if (lane_of_[i] != lane_of_[failed] || phases_[i] == Phase::kSettled) continue;
    Settle(i, {.state = ResultState::kSkipped,
               .message = fmt::format("{} failed", plan_.actions[failed].Address())});
  }
}

void Scheduler::Cancel() {
  hooks_may_start_ = false;
  for (std::size_t i = 0; i < phases_.size(); ++i) {
    const bool is_hook = plan_.actions[i].kind == ActionKind::kHook;
    if (is_hook && phases_[i] == Phase::kReady) SettleMissed(i);
  }
  CancelAllButHooks();
}

void Scheduler::CancelAllButHooks() {
  cancelled_ = true;
  for (std::size_t i = 0; i < phases_.size(); ++i) {
    if (plan_.actions[i].kind == ActionKind::kHook) continue;
    if (phases_[i] == Phase::kWaiting || phases_[i] == Phase::kReady) {
      Settle(i, NeverStarted());
    }
  }
}

void Scheduler::SettleMissed(std::size_t hook) {
  std::vector<std::string> made;
  for (const std::size_t trigger : triggers_[hook]) {
    if (results_[trigger].state == ResultState::kOk) made.push_back(plan_.actions[trigger].target);
  }
  ActionResult result = NeverStarted();
  if (!made.empty()) {
    result.missed = true;
    result.message = MissedHook(made);
  }
  Settle(hook, std::move(result));
}

void Scheduler::Settle(std::size_t action, ActionResult result) {
  if (phases_[action] == Phase::kSettled) return;
  if (phases_[action] == Phase::kReady) {
    LaneOf(action).ready.erase(PlaceInQueue(action));
  }
  phases_[action] = Phase::kSettled;
  if (IsAddition(plan_.actions[action])) --additions_left_;
  results_[action] = std::move(result);
  newly_settled_.push_back(action);
  ++settled_;
  for (const std::size_t dependant : dependants_[action]) PassOn(action, dependant);
}

// A hook runs over what was made. The status report tells what there is: of what won't be done it
// needs no result. A deletion that waits for another only as the gate of its
// repository has nothing to do with what that one itself ran into; what the gate inherited counts
// for both.
bool Scheduler::OnlyWaits(std::size_t from, std::size_t to) const {
  if (plan_.actions[to].kind == ActionKind::kHook) return true;
  const ResultState state = results_[from].state;
  const bool not_done = state == ResultState::kWithheld || state == ResultState::kBlocked;
  if (plan_.actions[to].stage == Stage::kStatus && not_done) return true;
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
  if (const auto failed = FailedTrigger(to)) {
    origin_[to] = origin_[*failed];
    return Settle(to, Inherited(results_[*failed], plan_.actions[origin_[to]]));
  }
  if (plan_.actions[to].kind == ActionKind::kHook && !hooks_may_start_) return SettleMissed(to);
  MakeReady(to);
}

// The first trigger of a hook of which none succeeded.
std::optional<std::size_t> Scheduler::FailedTrigger(std::size_t hook) const {
  std::optional<std::size_t> failed;
  for (const std::size_t trigger : triggers_[hook]) {
    if (IsSuccess(results_[trigger])) return std::nullopt;
    if (!failed) failed = trigger;
  }
  return failed;
}

std::vector<std::size_t> Scheduler::TakeSettled() {
  return std::exchange(newly_settled_, {});
}

}  // namespace imglife
