#include "engine/cli/signals.h"

#include <utility>

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "engine/cli/exit_code.h"

namespace imglife {
namespace {

sigset_t EndingSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGHUP);
  return set;
}

}  // namespace

Signals::Signals() {
  signal(SIGPIPE, SIG_IGN);
  const sigset_t set = EndingSignals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  thread_ = std::thread([this] { Wait(); });
}

Signals::~Signals() {
  ending_ = true;
  pthread_kill(thread_.native_handle(), SIGHUP);
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
  const sigset_t set = EndingSignals();
  while (true) {
    int signal = 0;
    if (sigwait(&set, &signal) != 0) continue;
    if (ending_) return;
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
