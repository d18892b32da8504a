#include "providers/system/process_pump.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/ioctl.h>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include <poll.h>
#include <signal.h>

namespace imglife {
namespace {

constexpr std::size_t kChunk = std::size_t{64} << 10;

// While it lives, writing to a pipe that nobody reads is an error instead of a signal, whatever
// this process does about SIGPIPE.
class WithoutSigPipe {
 public:
  WithoutSigPipe() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGPIPE);
    sigset_t pending;
    sigpending(&pending);
    was_pending_ = sigismember(&pending, SIGPIPE) == 1;
    pthread_sigmask(SIG_BLOCK, &set_, &before_);
  }
  WithoutSigPipe(const WithoutSigPipe&) = delete;
  WithoutSigPipe& operator=(const WithoutSigPipe&) = delete;
  ~WithoutSigPipe() {
    const timespec at_once{};
    if (!was_pending_) sigtimedwait(&set_, nullptr, &at_once);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t set_{};
  sigset_t before_{};
  bool was_pending_ = false;
};

int MillisecondsUntil(ProcessPump::Deadline deadline) {
  if (deadline == ProcessPump::Deadline::max()) return -1;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  constexpr std::chrono::milliseconds kLongest = std::chrono::hours(1);
  return static_cast<int>(std::clamp(left, std::chrono::milliseconds(0), kLongest).count());
}

}  // namespace

ProcessPump::ProcessPump(const ProcessSpec& spec)
    : input_(spec.input),
      out_{{}, OutputTail(spec.max_output)},
      err_{{}, OutputTail(spec.max_output)} {}

absl::StatusOr<ProcessPump> ProcessPump::Create(const ProcessSpec& spec) {
  ProcessPump pump(spec);
  for (Pipe* const pipe : {&pump.in_, &pump.out_.pipe, &pump.err_.pipe}) {
    absl::StatusOr<Pipe> made = MakePipe();
    if (!made.ok()) return made.status();
    *pipe = *std::move(made);
  }
  if (!DoNotBlock(pump.in_.writer) || !DoNotBlock(pump.out_.pipe.reader) ||
      !DoNotBlock(pump.err_.pipe.reader)) {
    return absl::ErrnoToStatus(errno, "can't make a pipe to a child process");
  }
  return pump;
}

ChildStreams ProcessPump::child_streams() const {
  return {.in = in_.reader.number(),
          .out = out_.pipe.writer.number(),
          .err = err_.pipe.writer.number()};
}

void ProcessPump::CloseChildEnds() {
  in_.reader.Close();
  out_.pipe.writer.Close();
  err_.pipe.writer.Close();
  if (input_.empty()) in_.writer.Close();
}

absl::Status ProcessPump::PumpUntil(int notice, Deadline deadline) {
  const bool had_ended = OutputEnded();
  for (;;) {
    // poll() passes over negative numbers: streams that are closed.
    std::array<pollfd, 4> waiting{{{notice, POLLIN, 0},
                                   {in_.writer.number(), POLLOUT, 0},
                                   {out_.pipe.reader.number(), POLLIN, 0},
                                   {err_.pipe.reader.number(), POLLIN, 0}}};
    const int ready = poll(waiting.data(), waiting.size(), MillisecondsUntil(deadline));
    if (ready < 0 && errno != EINTR) {
      return absl::ErrnoToStatus(errno, "can't wait for a child process");
    }
    if (ready > 0) {
      if (waiting[1].revents != 0) Feed();
      if (waiting[2].revents != 0) Take(out_, kChunk);
      if (waiting[3].revents != 0) Take(err_, kChunk);
      if (waiting[0].revents != 0) return absl::OkStatus();
    }
    if (!had_ended && OutputEnded()) return absl::OkStatus();
    if (std::chrono::steady_clock::now() >= deadline) return absl::OkStatus();
  }
}

void ProcessPump::TakeWhatIsThere() {
  for (Stream* const stream : {&out_, &err_}) {
    int bytes = 0;
    if (!stream->pipe.reader.open()) continue;
    if (ioctl(stream->pipe.reader.number(), FIONREAD, &bytes) != 0 || bytes <= 0) continue;
    Take(*stream, static_cast<std::size_t>(bytes));
  }
}

void ProcessPump::Feed() {
  const WithoutSigPipe quiet;
  const ssize_t count = WriteSome(in_.writer.number(), input_.substr(0, kChunk));
  if (count >= 0) input_.remove_prefix(static_cast<std::size_t>(count));
  // A program may end or close its input before it has read all: its own business.
  if ((count < 0 && errno != EAGAIN) || input_.empty()) in_.writer.Close();
}

void ProcessPump::Take(Stream& stream, std::size_t most) {
  std::vector<char> buffer(kChunk);
  while (most > 0) {
    const ssize_t count =
        ReadSome(stream.pipe.reader.number(), buffer.data(), std::min(most, buffer.size()));
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) {
      stream.pipe.reader.Close();
      return;
    }
    stream.text.Append({buffer.data(), static_cast<std::size_t>(count)});
    most -= static_cast<std::size_t>(count);
  }
}

}  // namespace imglife
