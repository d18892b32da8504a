#include "engine/cli/heartbeat.h"

#include <system_error>
#include <utility>

#include "fmt/format.h"

namespace imglife {

Heartbeat::Heartbeat(std::string what, std::function<void(const std::string&)> say,
                     absl::Duration interval)
    : what_(std::move(what)), say_(std::move(say)), interval_(interval) {
  try {
    thread_ = std::thread([this] { Run(); });
  } catch (const std::system_error&) {
    // Whoever has no thread to spare still gets the work done.
  }
}

Heartbeat::Heartbeat(std::string what, Console& console)
    : Heartbeat(
          std::move(what), [&console](const std::string& line) { console.Note(line); },
          absl::Seconds(25)) {}

Heartbeat::~Heartbeat() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Heartbeat::Run() {
  std::unique_lock lock(mutex_);
  for (absl::Duration passed = interval_;; passed += interval_) {
    if (changed_.wait_for(lock, absl::ToChronoNanoseconds(interval_), [this] { return ended_; })) {
      return;
    }
    say_(fmt::format("still {} ({})", what_, absl::FormatDuration(passed)));
  }
}

}  // namespace imglife
