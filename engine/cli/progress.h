// What an apply says while it runs: one line for each finished step, a live line on a terminal, a
// heartbeat elsewhere.
#pragma once

#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"

#include "engine/apply/apply.h"
#include "engine/apply/events.h"
#include "engine/cli/console.h"

namespace imglife {

class Progress : public ApplyObserver {
 public:
  explicit Progress(Console& console);
  ~Progress() override;

  void OnStart(const Plan& plan) override;
  void OnActionStart(const Action& action) override;
  void OnActionEnd(const Action& action, const ActionResult& result) override;

  // The results as far as they are known: what runs is interrupted, what hasn't started is
  // cancelled. For a process that must end at once.
  struct LastWords {
    ApplyCounts counts;
    std::vector<std::string> interrupted;  // a line for each, as of a finished step
  };
  // `unknown` says of each that is interrupted where more can be found.
  LastWords EndNow(const std::string& unknown);

 private:
  void Heartbeat();
  std::string StateLine() const;

  Console& console_;
  const Plan* plan_ = nullptr;
  std::vector<ActionResult> results_;
  std::map<const Action*, absl::Time> running_;  // since when
  std::size_t ended_ = 0;
  bool finished_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::thread heart_;
};

}  // namespace imglife
