// A port in front of a server that passes bytes on and counts the connections.
#pragma once

#include <memory>
#include <string>

namespace imglife {

// Thread-safe. Throws std::runtime_error (which fails the test) if it can't listen.
class CountingRelay {
 public:
  // `port` of a server on 127.0.0.1.
  explicit CountingRelay(int port);
  ~CountingRelay();
  CountingRelay(const CountingRelay&) = delete;
  CountingRelay& operator=(const CountingRelay&) = delete;

  // "127.0.0.1:PORT".
  std::string host() const;
  // How many there were.
  int connections() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace imglife
