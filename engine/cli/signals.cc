#include "engine/cli/signals.h"

#include <utility>

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "engine/cli/exit_code.h"

namespace imglife {
namespace {

// Only wakes the thread, to end it.
int WakingSignal() {
  return SIGRTMIN;
}

// Who started the process with one of them ignored (nohup, a job in the background) wants it to go
// on.
bool IsIgnored(int signal) {
  struct sigaction now {};
  return sigaction(signal, nullptr, &now) == 0 && now.sa_handler == SIG_IGN;
}

sigset_t AwaitedSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, WakingSignal());
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    if (!IsIgnored(signal)) sigaddset(&set, signal);
  }
  return set;
}

}  // namespace

Signals::Signals() {
  signal(SIGPIPE, SIG_IGN);
  const sigset_t set = AwaitedSignals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  thread_ = std::thread([this] { Wait(); });
}

Signals::~Signals() {
  ending_ = true;
  pthread_kill(thread_.native_handle(), WakingSignal());
  thread_.join();
}

Signals::Handling Signals::Handle(std::function<void()> first, std::function<void()> second) {
  const std::lock_guard lock(mutex_);
  first_ = std::move(first);
  second_ = std::move(second);
  return Handling(*this);
}

void Signals::StopHandling() {
  const std::lock_guard lock(mutex_);
  first_ = nullptr;
  second_ = nullptr;
}

void Signals::Wait() {
  const sigset_t set = AwaitedSignals();
  while (true) {
    int signal = 0;
    if (sigwait(&set, &signal) != 0) continue;
    if (ending_) return;
    if (signal == WakingSignal()) continue;
    OnSignal(signal == SIGINT ? kExitInterrupted : kExitTerminated);
  }
}

void Signals::OnSignal(int exit_code) {
  const std::lock_guard lock(mutex_);
  if (first_ == nullptr) _exit(exit_code);
  if (exit_code_ != 0) {
    second_();
    _exit(exit_code_);
  }
  exit_code_ = exit_code;
  first_();
}

}  // namespace imglife
