#include "tests/end_to_end/counting_relay.h"

#include <array>
#include <mutex>
#include <sys/socket.h>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include "tests/end_to_end/loopback_socket.h"

namespace imglife {
namespace {

// False when `from` or `to` has ended.
bool PassOn(int from, int to) {
  std::array<char, 16384> buffer;
  const ssize_t count = ::recv(from, buffer.data(), buffer.size(), 0);
  for (ssize_t sent = 0; sent < count;) {
    const ssize_t now =
        ::send(to, buffer.data() + sent, static_cast<std::size_t>(count - sent), MSG_NOSIGNAL);
    if (now <= 0) return false;
    sent += now;
  }
  return count > 0;
}

}  // namespace

struct CountingRelay::State {
  int server_port = 0;
  int listener = -1;
  int port = 0;
  std::thread accepting;
  mutable std::mutex mutex;
  std::vector<int> clients;
  std::vector<std::thread> relaying;

  void Accept() {
    for (int client = 0; (client = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
      const std::lock_guard lock(mutex);
      clients.push_back(client);
      relaying.emplace_back([this, client] { Relay(client); });
    }
  }

  void Relay(int client) const {
    const int server = ConnectToLoopback(server_port);
    std::array<pollfd, 2> ends{{{client, POLLIN, 0}, {server, POLLIN, 0}}};
    bool open = server >= 0;
    while (open && ::poll(ends.data(), ends.size(), -1) > 0) {
      if (ends[0].revents != 0) open = PassOn(client, server);
      if (open && ends[1].revents != 0) open = PassOn(server, client);
    }
    ::shutdown(client, SHUT_RDWR);
    if (server >= 0) ::close(server);
  }
};

CountingRelay::CountingRelay(int port) : state_(std::make_unique<State>()) {
  state_->server_port = port;
  state_->listener = ListenOnLoopback();
  state_->port = PortOf(state_->listener);
  state_->accepting = std::thread([state = state_.get()] { state->Accept(); });
}

CountingRelay::~CountingRelay() {
  ::shutdown(state_->listener, SHUT_RDWR);
  state_->accepting.join();
  for (const int client : state_->clients) ::shutdown(client, SHUT_RDWR);
  for (std::thread& thread : state_->relaying) thread.join();
  for (const int client : state_->clients) ::close(client);
  ::close(state_->listener);
}

std::string CountingRelay::host() const {
  return fmt::format("127.0.0.1:{}", state_->port);
}

int CountingRelay::connections() const {
  const std::lock_guard lock(state_->mutex);
  return static_cast<int>(state_->clients.size());
}

}  // namespace imglife
