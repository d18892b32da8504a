// SIGINT, SIGTERM and SIGHUP as calls on a thread of their own.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <thread>

namespace imglife {

// Must be made before any other thread is: from then on the signals are blocked everywhere, and
// one of them ends the process at once with its exit code (130, 143), unless it is handled. One
// that was ignored when the process was started (nohup) stays so.
// SIGPIPE is ignored: a closed pipe is an error of the write.
class Signals {
 public:
  // The signals are handled for as long as it lives; it goes only when no handler runs.
  class Handling {
   public:
    explicit Handling(Signals& signals) : signals_(signals) {}
    ~Handling() { signals_.StopHandling(); }
    Handling(const Handling&) = delete;
    Handling& operator=(const Handling&) = delete;

   private:
    Signals& signals_;
  };

  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  // The first signal calls `first` and the process goes on; a second one calls `second` and ends
  // the process. `first` must not wait for anything: the second signal would not be seen.
  [[nodiscard]] Handling Handle(std::function<void()> first, std::function<void()> second);

  // 0: none came; else the exit code of the first one.
  int ExitCode() const { return exit_code_; }

 private:
  void Wait();
  void OnSignal(int exit_code);
  void StopHandling();

  std::mutex mutex_;
  std::function<void()> first_;
  std::function<void()> second_;
  std::atomic<int> exit_code_{0};
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

}  // namespace imglife
