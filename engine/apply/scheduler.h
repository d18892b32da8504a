// Which action may start next. A state machine without threads, clock or I/O: whoever runs actions
// asks it and tells it how they ended, so a test plays every interleaving.
//
// One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/apply/result.h"
#include "engine/plan/plan.h"

namespace imglife {

// Besides, nothing is deleted before all copies and builds have ended: what came with them may need
// what would go. And one deletion runs in a repository at a time: what it finds out decides whether
// the next one may.
//
// A copy reads what it shall transfer, transfers it, and ends with a few small requests. As many
// may read as may transfer; who has read and waits for its transfer counts for none of the other
// limits, nor do up to `parallelism` - 1 that end. So at most `parallelism` actions read, transfer,
// build or delete, and with 1 each waits for the one before.
struct SchedulerLimits {
  int parallelism = 8;
  int copies_per_host_pair = 4;
  // Stop starting actions after that many failures; 0: never.
  int max_failures = 0;
};

class Scheduler {
 public:
  // `withhold_deletions`: nobody reviewed them, so neither they nor the archive copies that serve
  // them run. Blocked and withheld actions are settled at once.
  Scheduler(const Plan& plan, const SchedulerLimits& limits, bool withhold_deletions);

  // The ready action on the longest remaining path (ties: address) that the limits admit, now
  // counted as running; or nothing: then something running has to finish first, or all is done.
  std::optional<std::size_t> Start();
  enum class Transfer {
    kBegun,    // by this call or an earlier one, or handed on by one that ended
    kQueued,   // ask again when another transfer between its two hosts has ended
    kRefused,  // nothing new begins
  };
  // Of a started copy that has read what it transfers. `EndTransfer` gives the place to the next.
  Transfer BeginTransfer(std::size_t action);
  void EndTransfer(std::size_t action);
  // Actions that may be started and not finished at a time.
  static int MostAtOnce(const SchedulerLimits& limits) { return 3 * limits.parallelism - 1; }
  // How a started action ended. Dependants of anything but ok and satisfied are settled as skipped,
  // with the nearest failed ancestor as reason; dependants of blocked and withheld ones likewise,
  // but for the status report, which tells what there is. A hook runs if one of its triggers
  // succeeded. A failed or interrupted delete also stops the deletions of its repository that have
  // not started. One failure too many: nothing new starts but hooks, over what was made by then.
  void Finish(std::size_t action, ActionResult result);
  // Nothing new starts: everything that hasn't started is settled as cancelled. Hooks as soon as
  // their triggers have ended: they name those that were made, as no later run makes them again.
  void Cancel();

  bool Done() const { return settled_ == phases_.size(); }
  // Cancel was called, or more failed than may: what has started should not begin to delete either.
  bool Cancelled() const { return cancelled_; }
  std::size_t Running() const { return running_; }
  // Actions that were settled since the last call, in the order in which that happened.
  std::vector<std::size_t> TakeSettled();
  // One for each action of the plan, in its order. Complete when Done().
  const std::vector<ActionResult>& results() const { return results_; }

 private:
  enum class Phase { kWaiting, kReady, kRunning, kQueued, kTransferring, kEnding, kSettled };

  // Longest remaining path first, then address.
  using Queue = std::set<std::tuple<std::int64_t, std::string, std::size_t>>;

  // Actions that the same limits admit: copies between the same two hosts, deletions of the same
  // repository, builds for the same host, and whatever needs no registry.
  struct Lane {
    bool deletes = false;
    int limit = 0;
    int running = 0;  // those that are queued too, without those that transfer or end
    int transferring = 0;
    Queue ready;
    Queue queued;
  };

  void AssignLanes();
  Lane& LaneOf(std::size_t action) { return *lane_of_[action]; }
  Queue::value_type PlaceInQueue(std::size_t action) const;
  void MakeReady(std::size_t action);
  void BuildGraph();
  void EstimatePaths();
  void SettleKnown(bool withhold_deletions);
  void WithholdAll(ActionKind kind, const std::string& why);
  void Settle(std::size_t action, ActionResult result);
  void CancelAllButHooks();
  void SettleMissed(std::size_t hook);
  void PassOn(std::size_t from, std::size_t to);
  bool OnlyWaits(std::size_t from, std::size_t to) const;
  std::optional<std::size_t> FailedTrigger(std::size_t hook) const;
  void StopDeletions(std::size_t failed);
  bool Admits(const Lane& lane) const;
  bool HasRoom() const;
  void Transferring(std::size_t action);
  void PassTransferOn(Lane& lane);
  void LeavePhase(std::size_t action);

  const Plan& plan_;
  SchedulerLimits limits_;
  std::vector<ActionResult> results_;
  std::vector<Phase> phases_;
  std::vector<std::vector<std::size_t>> dependants_;
  std::vector<std::size_t> waiting_for_;
  // Of hooks.
  std::vector<std::vector<std::size_t>> triggers_;
  std::set<std::pair<std::size_t, std::size_t>> gates_;
  // The action whose end decided this one's: itself, unless it was passed on.
  std::vector<std::size_t> origin_;
  std::vector<std::int64_t> remaining_path_;
  std::map<std::tuple<std::string, std::string, std::string>, Lane> lanes_;
  std::vector<Lane*> lane_of_;
  std::size_t running_ = 0;
  std::size_t queued_ = 0;
  std::size_t ending_ = 0;
  std::size_t additions_left_ = 0;  // copies and builds
  std::vector<std::size_t> newly_settled_;
  std::size_t settled_ = 0;
  int failures_ = 0;
  bool cancelled_ = false;
  bool hooks_may_start_ = true;
};

}  // namespace imglife
