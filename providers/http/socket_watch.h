// What one thread waits for: sockets, a word from other threads, time.
#pragma once

#include <atomic>
#include <vector>

#include "absl/time/time.h"

namespace imglife {

// Linux's epoll: waiting for one of many sockets costs the same however many there are, where poll
// looks at all of them each time.
//
// Thread safety: any number of threads may call Wake; the rest belongs to one thread.
class SocketWatch {
 public:
  // Ends the program where the system has no file descriptors left.
  SocketWatch();
  ~SocketWatch();
  SocketWatch(const SocketWatch&) = delete;
  SocketWatch& operator=(const SocketWatch&) = delete;

  // From now on Wait tells when `socket` can be read or written; neither: no more.
  void Watch(int socket, bool read, bool write);

  struct Ready {
    int socket = -1;
    bool read = false;
    bool write = false;
    bool error = false;
  };
  // Returns at the first thing that is ready, at a call of Wake, or after `longest`. The result is
  // valid until the next call.
  const std::vector<Ready>& Wait(absl::Duration longest);

  // Ends this Wait, or the next one.
  void Wake();

 private:
  int epoll_;
  int wakened_;
  // Set by the first of many calls of Wake until Wait has seen it.
  std::atomic<bool> waking_{false};
  std::vector<Ready> ready_;
};

}  // namespace imglife
