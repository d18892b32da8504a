// Which action may start next. A state machine without threads, clock or I/O: whoever runs actions
// asks it and tells it how they ended, so a test plays every interleaving.
//
// One thread at a time.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "engine/apply/result.h"
#include "engine/plan/plan.h"

namespace imglife {

struct SchedulerLimits {
  int parallelism = 8;
  int copies_per_host_pair = 4;
  int per_host = 8;
  // Stop starting actions after that many failures; 0: never.
  int max_failures = 0;
};

class Scheduler {
 public:
  // `withheld`: deletions that were not reviewed. Blocked and withheld actions are settled at once.
  Scheduler(const Plan& plan, const SchedulerLimits& limits, bool withhold_deletions);

  // The ready action on the longest remaining path (ties: address) that the limits admit, now
  // counted as running; or nothing: then something running has to finish first, or all is done.
  std::optional<std::size_t> Start();
  // How a started action ended. Dependants of anything but ok and satisfied are settled as skipped,
  // with the nearest failed ancestor as reason; dependants of blocked and withheld ones likewise. A
  // failed delete also stops the deletions of its repository that have not started.
  void Finish(std::size_t action, ActionResult result);
  // Nothing new starts: everything that hasn't started is settled as cancelled.
  void Cancel();

  bool Done() const { return settled_ == phases_.size(); }
  std::size_t Running() const { return running_.size(); }
  // Actions that were settled since the last call, in the order in which that happened.
  std::vector<std::size_t> TakeSettled();
  // One for each action of the plan, in its order. Complete when Done().
  const std::vector<ActionResult>& results() const { return results_; }

 private:
  enum class Phase { kWaiting, kReady, kRunning, kSettled };

  void BuildGraph();
  void EstimatePaths();
  void SettleKnown(bool withhold_deletions);
  void Settle(std::size_t action, ActionResult result);
  void PassOn(std::size_t from, std::size_t to);
  bool OnlyWaits(std::size_t from, std::size_t to) const;
  void StopDeletions(std::size_t failed);
  bool Admits(std::size_t action) const;

  const Plan& plan_;
  SchedulerLimits limits_;
  std::vector<ActionResult> results_;
  std::vector<Phase> phases_;
  std::vector<std::vector<std::size_t>> dependants_;
  std::vector<std::size_t> waiting_for_;
  std::set<std::pair<std::size_t, std::size_t>> gates_;
  // The action whose end decided this one's: itself, unless it was passed on.
  std::vector<std::size_t> origin_;
  std::vector<std::int64_t> remaining_path_;
  // Longest remaining path first, then address.
  std::set<std::tuple<std::int64_t, std::string, std::size_t>> ready_;
  std::set<std::size_t> running_;
  std::vector<std::size_t> newly_settled_;
  std::size_t settled_ = 0;
  int failures_ = 0;
};

}  // namespace imglife
