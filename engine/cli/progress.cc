#include "engine/cli/progress.h"

#include <chrono>

#include "fmt/format.h"

#include "engine/report/apply_text.h"

namespace imglife {
namespace {

// CI systems end jobs that say nothing; people wonder after half a minute (plan-apply.md).
constexpr auto kHeartbeat = std::chrono::seconds(25);

LogLevel LevelOf(const ActionResult& result) {
  if (result.missed) return LogLevel::kError;
  switch (result.state) {
    case ResultState::kFailed:
    case ResultState::kSkipped:
    case ResultState::kInterrupted:
      return LogLevel::kError;
    case ResultState::kBlocked:
      return LogLevel::kWarn;
    default:
      return LogLevel::kInfo;
  }
}

}  // namespace

Progress::Progress(Console& console) : console_(console) {
  heart_ = std::thread([this] { Heartbeat(); });
}

Progress::~Progress() {
  {
    const std::lock_guard lock(mutex_);
    finished_ = true;
  }
  changed_.notify_all();
  heart_.join();
  console_.Live("");
}

void Progress::OnStart(const Plan& plan) {
  const std::lock_guard lock(mutex_);
  plan_ = &plan;
  results_.assign(plan.actions.size(), {});
}

void Progress::OnActionStart(const Action& action) {
  const std::lock_guard lock(mutex_);
  running_.emplace(&action, absl::Now());
  console_.Live(StateLine());
}

void Progress::OnActionEnd(const Action& action, const ActionResult& result) {
  const std::lock_guard lock(mutex_);
  running_.erase(&action);
  results_[static_cast<std::size_t>(&action - plan_->actions.data())] = result;
  ++ended_;
  const LogLevel level = LevelOf(result);
  if (level == LogLevel::kInfo) {
    console_.Note(ActionEndLine(action, result));
  } else {
    console_.Log(level, ActionEndLine(action, result));
  }
  console_.Live(StateLine());
  changed_.notify_all();
}

std::string Progress::StateLine() const {
  if (running_.empty()) return "";
  std::string line = fmt::format("{} of {} done, {} running: {}", ended_, results_.size(),
                                 running_.size(), running_.begin()->first->Address());
  constexpr std::size_t kWidth = 78;
  return line.size() > kWidth ? line.substr(0, kWidth) : line;
}

void Progress::Heartbeat() {
  std::unique_lock lock(mutex_);
  while (!finished_) {
    const std::size_t before = ended_;
    changed_.wait_for(lock, kHeartbeat, [&] { return finished_ || ended_ != before; });
    if (!finished_ && ended_ == before && !running_.empty() && !console_.live()) {
      console_.Note(fmt::format("  still working: {}", StateLine()));
    }
  }
}

Progress::LastWords Progress::EndNow(const std::string& unknown) {
  const std::lock_guard lock(mutex_);
  if (plan_ == nullptr) return {};
  LastWords words;
  for (const auto& [action, since] : running_) {
    ActionResult& result = results_[static_cast<std::size_t>(action - plan_->actions.data())];
    result.state = ResultState::kInterrupted;
    result.took = absl::Now() - since;
    result.message = unknown;
    words.interrupted.push_back(ActionEndLine(*action, result));
  }
  words.counts = Count(*plan_, results_);
  return words;
}

}  // namespace imglife
