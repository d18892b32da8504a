// CI systems end jobs that say nothing, and people wonder after half a minute (plan-apply.md).
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "absl/time/time.h"

#include "engine/cli/console.h"

namespace imglife {

// Says as long as it lives what goes on and for how long already, on a thread of its own.
class Heartbeat {
 public:
  // "still reading the registries (50s)" for "reading the registries". `say` must not throw.
  Heartbeat(std::string what, std::function<void(const std::string&)> say, absl::Duration interval);
  // Every 25 seconds, as a note.
  Heartbeat(std::string what, Console& console);
  ~Heartbeat();
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;

 private:
  void Run();

  const std::string what_;
  const std::function<void(const std::string&)> say_;
  const absl::Duration interval_;
  bool ended_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::thread thread_;
};

}  // namespace imglife
