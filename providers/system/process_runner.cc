#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "fmt/format.h"

#include "providers/system/file_descriptor.h"
#include "providers/system/process_pump.h"
#include "providers/system/spawn.h"
#include "providers/system/system.h"

namespace imglife {
namespace {

using SteadyClock = std::chrono::steady_clock;
using Deadline = ProcessPump::Deadline;

// How long a program that was asked to end has for it.
constexpr std::chrono::seconds kGrace(5);
// How long a killed group may take to be gone, and how often that is asked.
constexpr std::chrono::seconds kDying(2);
constexpr std::chrono::milliseconds kDyingStep(2);

Deadline DeadlineOf(const ProcessSpec& spec) {
  // As good as never, and far from where the clock's numbers end.
  constexpr absl::Duration kLongest = absl::Hours(24 * 365);
  if (!spec.timeout || *spec.timeout > kLongest) return Deadline::max();
  return SteadyClock::now() + absl::ToChronoNanoseconds(*spec.timeout);
}

// A started child until it is reaped. Its number, and with it its group's, stays taken so long:
// signals can't hit a stranger.
class Child {
 public:
  // The pipe's reader doesn't block.
  Child(pid_t id, Pipe notices) : id_(id), notices_(std::move(notices)) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (waiter_.joinable()) waiter_.join();
  }

  // Throws std::system_error if there can't be another thread.
  void Watch() {
    waiter_ = std::thread([this] {
      siginfo_t info{};
      while (waitid(P_PID, static_cast<id_t>(id_), &info, WEXITED | WNOWAIT) != 0 &&
             errno == EINTR) {
      }
      ended_ = true;
      Notify();
    });
  }

  // Safe from any thread until Reap is called.
  void Stop() {
    stopped_ = true;
    SignalGroup(SIGTERM);
    Notify();
  }

  void KillGroup() const { SignalGroup(SIGKILL); }
  pid_t group() const { return id_; }

  // 128 + N if ended by signal N. Waits for the end.
  int Reap() {
    int status = 0;
    while (waitpid(id_, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }

  // Readable when something below has changed.
  int notice() const { return notices_.reader.number(); }
  void TakeNotices() {
    std::array<char, 16> bytes{};
    ReadSome(notices_.reader.number(), bytes.data(), bytes.size());
  }
  bool ended() const { return ended_; }
  bool stopped() const { return stopped_; }

 private:
  void SignalGroup(int signal) const { kill(-id_, signal); }
  // At most a few bytes in the life of a child: the pipe is never full.
  void Notify() const { WriteSome(notices_.writer.number(), "!"); }

  const pid_t id_;
  const Pipe notices_;
  std::atomic<bool> ended_{false};
  std::atomic<bool> stopped_{false};
  std::thread waiter_;
};

class SystemProcessRunner : public ProcessRunner {
 public:
  absl::StatusOr<ProcessResult> Run(const ProcessSpec& spec) override {
    absl::StatusOr<ProcessPump> pump = ProcessPump::Create(spec);
    if (!pump.ok()) return pump.status();
    const absl::StatusOr<std::unique_ptr<Child>> child = Start(spec, *pump);
    if (!child.ok()) return child.status();
    pump->CloseChildEnds();
    return Finish(spec, **child, *pump);
  }

  void StopAll() override {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    for (Child* const child : running_) child->Stop();
  }

  void KillAll() override {
    std::vector<pid_t> killed;
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
      for (Child* const child : running_) {
        child->Stop();
        child->KillGroup();
        killed.push_back(child->group());
      }
    }
    // What is being killed may still finish what it asked of the system: a file, a mount.
    const auto latest = SteadyClock::now() + kDying;
    for (const pid_t group : killed) {
      while (kill(-group, 0) == 0 && SteadyClock::now() < latest) {
        std::this_thread::sleep_for(kDyingStep);
      }
    }
  }

 private:
  absl::StatusOr<std::unique_ptr<Child>> Start(const ProcessSpec& spec, const ProcessPump& pump) {
    absl::StatusOr<Pipe> notices = MakePipe();
    if (!notices.ok()) return notices.status();
    if (!DoNotBlock(notices->reader)) return absl::ErrnoToStatus(errno, "can't set up a pipe");
    // Nothing slips between StopAll and the list of those to be stopped.
    const std::lock_guard lock(mutex_);
    if (stopped_) return Cancelled(spec);
    const absl::StatusOr<pid_t> id = Spawn(spec, pump.child_streams());
    if (!id.ok()) return id.status();
    auto child = std::make_unique<Child>(*id, *std::move(notices));
    try {
      child->Watch();
    } catch (const std::system_error&) {
      child->KillGroup();
      child->Reap();
      return absl::ResourceExhaustedError(
          fmt::format("can't run {}: no more threads can be started", spec.argv.front()));
    }
    running_.insert(child.get());
    return child;
  }

  absl::StatusOr<ProcessResult> Finish(const ProcessSpec& spec, Child& child, ProcessPump& pump) {
    const absl::Status carried = PumpToTheEnd(child, pump, DeadlineOf(spec));
    const bool late = !child.ended();
    // Those that the child has left behind, too.
    if (late || child.stopped()) child.KillGroup();
    Forget(child);
    const int exit_code = child.Reap();
    if (!carried.ok()) return carried;
    if (child.stopped()) return Cancelled(spec);
    if (late) {
      return absl::DeadlineExceededError(fmt::format("{} did not end within {} and was killed",
                                                     spec.argv.front(),
                                                     absl::FormatDuration(*spec.timeout)));
    }
    pump.TakeWhatIsThere();
    return ProcessResult{.exit_code = exit_code, .out = pump.TakeOut(), .err = pump.TakeErr()};
  }

  // Returns when the child has ended or its time is over. One that was stopped has `kGrace`, and so
  // have processes of its group that outlive it, as long as they hold its output.
  static absl::Status PumpToTheEnd(Child& child, ProcessPump& pump, Deadline deadline) {
    bool seen_stopped = false;
    for (;;) {
      const absl::Status pumped = pump.PumpUntil(child.notice(), deadline);
      if (!pumped.ok()) return pumped;
      // Before the flags are read: a notice that is taken after that would be missed.
      child.TakeNotices();
      if (SteadyClock::now() >= deadline) return absl::OkStatus();
      if (child.stopped() && !seen_stopped) {
        seen_stopped = true;
        deadline = std::min(deadline, SteadyClock::now() + kGrace);
      }
      if (child.ended() && (!child.stopped() || pump.OutputEnded())) return absl::OkStatus();
    }
  }

  void Forget(Child& child) {
    const std::lock_guard lock(mutex_);
    running_.erase(&child);
  }

  static absl::Status Cancelled(const ProcessSpec& spec) {
    return absl::CancelledError(fmt::format("{} was stopped", spec.argv.front()));
  }

  std::mutex mutex_;
  bool stopped_ = false;
  std::set<Child*> running_;
};

}  // namespace

std::unique_ptr<ProcessRunner> MakeProcessRunner() {
  // A parent that ignores SIGCHLD hands that down, and then the system keeps no exit codes.
  struct sigaction action {};
  if (sigaction(SIGCHLD, nullptr, &action) == 0 && action.sa_handler == SIG_IGN) {
    std::signal(SIGCHLD, SIG_DFL);
  }
  return std::make_unique<SystemProcessRunner>();
}

}  // namespace imglife
