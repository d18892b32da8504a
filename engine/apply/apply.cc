#include "engine/apply/apply.h"

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "engine/apply/bases_in_use.h"
#include "engine/apply/planned_removal.h"
#include "engine/apply/precondition.h"
#include "engine/observe/parallel.h"

namespace imglife {
namespace {

// Worker threads that take turns with the scheduler: its state, the observer and the results are
// touched under one lock, actions run without it.
class Run {
 public:
  Run(const Plan& plan, const ApplyOptions& options, const ApplyTools& tools,
      ApplyObserver& observer)
      : plan_(plan),
        planned_removals_(plan),
        context_{tools,
                 &plan,
                 &planned_removals_,
                 options.dry_run,
                 [this](const std::string& address) { return ActionAt(address); },
                 [this](const std::string& address) { return ResultOf(address); },
                 [this](ActionKind kind) { return MayBegin(kind); },
                 [this](const Action& action) { return BeginTransfer(action); },
                 [this](const Action& action) { EndTransfer(action); }},
        observer_(observer),
        bases_in_use_(plan, context_),
        workers_(Scheduler::MostAtOnce(options.limits)),
        scheduler_(plan, options.limits, options.withhold_deletions) {
    for (std::size_t i = 0; i < plan.actions.size(); ++i)
      by_address_[plan.actions[i].Address()] = i;
  }

  std::vector<ActionResult> Wait() {
    observer_.OnStart(plan_);
    Announce();
    RunInThreads(static_cast<std::size_t>(workers_), [this] { Work(); });
    return scheduler_.results();
  }

 private:
  void Work() {
    std::unique_lock lock(mutex_);
    while (!scheduler_.Done()) {
      if (*context_.stop) Cancel();
      const auto next = scheduler_.Start();
      if (!next) {
        if (scheduler_.Done()) break;
        changed_.wait(lock);
        continue;
      }
      const Action& action = plan_.actions[*next];
      observer_.OnActionStart(action);
      lock.unlock();
      ActionResult result = CarryOut(action);
      lock.lock();
      scheduler_.Finish(*next, std::move(result));
      if (scheduler_.Cancelled()) cancelled_ = true;
      Announce();
      changed_.notify_all();
    }
    changed_.notify_all();
  }

  ActionResult CarryOut(const Action& action) {
    if (action.kind == ActionKind::kDelete) {
      if (auto kept = Keep(action)) return *std::move(kept);
    }
    return Execute(action, context_);
  }

  // A result if the deletion must not run for what came since the plan was made.
  std::optional<ActionResult> Keep(const Action& deletion) {
    const auto why = bases_in_use_.WhyKept(deletion);
    if (absl::IsCancelled(why.status())) return NeverStarted();
    if (!why.ok()) return Failed(why.status());
    if (!*why) return std::nullopt;
    const auto settled =
        SettledBefore(deletion, TagNow(context_.registry->Fresh(), deletion.TargetReference()));
    if (settled) return settled;
    return ActionResult{.state = ResultState::kBlocked, .guard = "in_use", .message = **why};
  }

  bool MayBegin(ActionKind kind) const {
    return !*context_.stop && !(kind == ActionKind::kDelete && cancelled_);
  }

  bool BeginTransfer(const Action& action) {
    const std::size_t copy = by_address_.at(action.Address());
    Scheduler::Transfer transfer = Scheduler::Transfer::kQueued;
    std::unique_lock lock(mutex_);
    const auto is_told = [&] {
      transfer = scheduler_.BeginTransfer(copy);
      return transfer != Scheduler::Transfer::kQueued;
    };
    // Who waits counts no more: there may be room for another.
    if (!is_told()) changed_.notify_all();
    changed_.wait(lock, is_told);
    changed_.notify_all();
    return transfer == Scheduler::Transfer::kBegun;
  }

  void EndTransfer(const Action& action) {
    const std::lock_guard lock(mutex_);
    scheduler_.EndTransfer(by_address_.at(action.Address()));
    changed_.notify_all();
  }

  void Cancel() {
    scheduler_.Cancel();
    cancelled_ = true;
    Announce();
    changed_.notify_all();
  }

  void Announce() {
    for (const std::size_t settled : scheduler_.TakeSettled()) {
      observer_.OnActionEnd(plan_.actions[settled], scheduler_.results()[settled]);
    }
  }

  const Action* ActionAt(const std::string& address) const {
    const auto at = by_address_.find(address);
    return at == by_address_.end() ? nullptr : &plan_.actions[at->second];
  }

  ActionResult ResultOf(const std::string& address) {
    const std::lock_guard lock(mutex_);
    const auto at = by_address_.find(address);
    return at == by_address_.end() ? ActionResult() : scheduler_.results()[at->second];
  }

  const Plan& plan_;
  const PlannedRemovals planned_removals_;
  const ExecutionContext context_;
  ApplyObserver& observer_;
  BasesInUse bases_in_use_;
  const int workers_;
  Scheduler scheduler_;
  std::map<std::string, std::size_t> by_address_;
  std::atomic<bool> cancelled_{false};  // as the scheduler is, for who can't take the lock
  std::mutex mutex_;
  std::condition_variable changed_;
};

void CountChange(const Action& action, ApplyCounts& counts) {
  switch (action.operation) {
    case Operation::kCreate:
      ++counts.added;
      break;
    case Operation::kUpdate:
      ++counts.changed;
      break;
    case Operation::kDelete:
      ++counts.destroyed;
      break;
    case Operation::kRun:
      break;
  }
}

void CountHook(const ActionResult& result, ApplyCounts& counts) {
  if (result.excused) ++counts.hooks_excused;
  if (result.excused || result.state == ResultState::kFailed ||
      result.state == ResultState::kInterrupted) {
    ++counts.hooks_failed;
  } else if (result.state == ResultState::kOk) {
    ++counts.hooks_run;
  } else {
    ++counts.hooks_skipped;
  }
}

}  // namespace

std::vector<ActionResult> Apply(const Plan& plan, const ApplyOptions& options,
                                const ApplyTools& tools, ApplyObserver& observer) {
  return Run(plan, options, tools, observer).Wait();
}

ApplyCounts Count(const Plan& plan, const std::vector<ActionResult>& results) {
  ApplyCounts counts;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const Action& action = plan.actions[i];
    if (action.kind == ActionKind::kHook) {
      CountHook(results[i], counts);
      continue;
    }
    switch (results[i].state) {
      case ResultState::kOk:
        CountChange(action, counts);
        break;
      case ResultState::kSatisfied:
        ++counts.satisfied;
        break;
      case ResultState::kFailed:
        ++counts.failed;
        break;
      case ResultState::kSkipped:
        ++counts.skipped;
        break;
      case ResultState::kBlocked:
        ++counts.blocked;
        break;
      case ResultState::kWithheld:
        ++counts.withheld;
        break;
      case ResultState::kCancelled:
        ++counts.cancelled;
        break;
      case ResultState::kInterrupted:
        ++counts.interrupted;
        break;
    }
  }
  return counts;
}

}  // namespace imglife
