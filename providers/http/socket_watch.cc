#include "providers/http/socket_watch.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <unistd.h>

namespace imglife {
namespace {

constexpr int kMostAtOnce = 64;

int OrEnd(int descriptor) {
  if (descriptor >= 0) return descriptor;
  std::perror("imglife: no file descriptor for the network");
  std::abort();
}

void Add(int epoll, int operation, int socket, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = socket;
  if (epoll_ctl(epoll, operation, socket, &event) == 0 || errno != ENOENT) return;
  epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event);
}

}  // namespace

SocketWatch::SocketWatch()
    : epoll_(OrEnd(epoll_create1(EPOLL_CLOEXEC))),
      wakened_(OrEnd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))) {
  Add(epoll_, EPOLL_CTL_ADD, wakened_, EPOLLIN);
}

SocketWatch::~SocketWatch() {
  close(wakened_);
  close(epoll_);
}

void SocketWatch::Watch(int socket, bool read, bool write) {
  if (!read && !write) {
    epoll_ctl(epoll_, EPOLL_CTL_DEL, socket, nullptr);
    return;
  }
  const std::uint32_t events = (read ? EPOLLIN : 0U) | (write ? EPOLLOUT : 0U);
  Add(epoll_, EPOLL_CTL_MOD, socket, events);
}

const std::vector<SocketWatch::Ready>& SocketWatch::Wait(absl::Duration longest) {
  std::array<epoll_event, kMostAtOnce> events;
  // Rounded up, or the last part of a millisecond would be waited for in a circle.
  const auto milliseconds = absl::ToInt64Milliseconds(absl::Ceil(longest, absl::Milliseconds(1)));
  const int count = epoll_wait(epoll_, events.data(), kMostAtOnce,
                               static_cast<int>(std::clamp<std::int64_t>(milliseconds, 0, 60'000)));
  ready_.clear();
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (event.data.fd == wakened_) {
      std::uint64_t times = 0;
      if (read(wakened_, &times, sizeof times) > 0) waking_ = false;
      continue;
    }
    ready_.push_back({.socket = event.data.fd,
                      .read = (event.events & (EPOLLIN | EPOLLHUP)) != 0,
                      .write = (event.events & EPOLLOUT) != 0,
                      .error = (event.events & EPOLLERR) != 0});
  }
  return ready_;
}

void SocketWatch::Wake() {
  if (waking_.exchange(true)) return;
  const std::uint64_t once = 1;
  if (write(wakened_, &once, sizeof once) < 0) waking_ = false;
}

}  // namespace imglife
