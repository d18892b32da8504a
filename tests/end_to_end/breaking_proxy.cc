#include "tests/end_to_end/breaking_proxy.h"

#include <array>
#include <atomic>
#include <mutex>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <set>
#include <string_view>
#include <sys/socket.h>
#include <thread>
#include <utility>
#include <vector>

#include <strings.h>
#include <unistd.h>

#include "tests/end_to_end/loopback_socket.h"
#include "tests/support/http_server.h"

namespace imglife {
namespace {

constexpr std::string_view kUnavailable =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

constexpr std::string_view kTooMany =
    "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n"
    "Connection: close\r\n\r\n";

constexpr std::string_view kExpired =
    "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer realm=\"/token\",service=\"front\"\r\n"
    "Content-Length: 0\r\nConnection: close\r\n\r\n";

constexpr std::string_view kRefused =
    "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

constexpr std::string_view kAbsent =
    "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\nContent-Length: 16\r\n"
    "Connection: close\r\n\r\n<h1>Nothing</h1>";

constexpr std::string_view kElsewhere =
    "HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n"
    "Connection: close\r\n\r\n";

constexpr std::string_view kBadLink = "Link: <tags\r\n";

// False at the end of the stream.
bool ReadSome(int fd, std::string& bytes) {
  std::array<char, 16384> buffer;
  const ssize_t count = ::recv(fd, buffer.data(), buffer.size(), 0);
  if (count > 0) bytes.append(buffer.data(), static_cast<std::size_t>(count));
  return count > 0;
}

void SendAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::size_t ContentLength(const std::string& head) {
  constexpr std::string_view kName = "\r\ncontent-length:";
  for (std::size_t at = 0; at + kName.size() < head.size(); ++at) {
    if (::strncasecmp(head.data() + at, kName.data(), kName.size()) == 0) {
      return std::stoul(head.substr(at + kName.size()));
    }
  }
  return 0;
}

struct RawRequest {
  std::string line;
  std::string head;  // with the empty line at its end
  std::string body;
};

// False if the client went away.
bool ReadRequest(int fd, RawRequest& request) {
  std::string bytes;
  std::size_t end = std::string::npos;
  while ((end = bytes.find("\r\n\r\n")) == std::string::npos) {
    if (!ReadSome(fd, bytes)) return false;
  }
  request.head = bytes.substr(0, end + 4);
  request.line = bytes.substr(0, bytes.find("\r\n"));
  request.body = bytes.substr(end + 4);
  const std::size_t length = ContentLength(request.head);
  while (request.body.size() < length) {
    if (!ReadSome(fd, request.body)) return false;
  }
  return true;
}

void ResetAtClose(int fd) {
  const linger at_once{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

void SendBytewise(int fd, std::string_view bytes) {
  const int at_once = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof(at_once));
  for (const char& byte : bytes) SendAll(fd, {&byte, 1});
}

void AwaitClose(int fd) {
  std::string more;
  while (ReadSome(fd, more)) {
  }
}

void ChangeDigest(std::string& answer) {
  constexpr std::string_view kName = "\r\nDocker-Content-Digest: sha256:";
  const std::size_t at = answer.find(kName);
  if (at == std::string::npos) return;
  char& first = answer[at + kName.size()];
  first = first == '0' ? '1' : '0';
}

}  // namespace

std::string NameOf(Fault fault) {
  switch (fault) {
    case Fault::kNone:
      return "None";
    case Fault::kNotForwarded:
      return "NotForwarded";
    case Fault::kHalfRequest:
      return "HalfRequest";
    case Fault::kAnswerLost:
      return "AnswerLost";
    case Fault::kHalfAnswer:
      return "HalfAnswer";
    case Fault::kUnavailable:
      return "Unavailable";
    case Fault::kTooMany:
      return "TooMany";
    case Fault::kExpired:
      return "Expired";
    case Fault::kRefused:
      return "Refused";
    case Fault::kAbsent:
      return "Absent";
    case Fault::kOtherBytes:
      return "OtherBytes";
    case Fault::kReset:
      return "Reset";
    case Fault::kElsewhere:
      return "Elsewhere";
    case Fault::kOtherDigest:
      return "OtherDigest";
    case Fault::kBadLink:
      return "BadLink";
    case Fault::kDrip:
      return "Drip";
    case Fault::kSilent:
      return "Silent";
  }
  return "";
}

struct BreakingProxy::State {
  Decide decide;
  int server_port = 0;
  int listener = -1;
  int port = 0;
  std::atomic<int> count{0};
  std::thread acceptor;
  std::mutex mutex;
  bool closing = false;
  std::set<int> open;
  std::vector<std::thread> connections;

  void Accept();
  void Serve(int client);
  void Answer(int client, const RawRequest& request, Fault fault);
  std::string AskServer(const RawRequest& request, bool half);
  bool Track(int fd);
  void Close(int fd);
};

// False if the proxy ends: then the socket is closed already.
bool BreakingProxy::State::Track(int fd) {
  const std::lock_guard<std::mutex> lock(mutex);
  if (!closing) return open.insert(fd).second;
  ::close(fd);
  return false;
}

void BreakingProxy::State::Close(int fd) {
  const std::lock_guard<std::mutex> lock(mutex);
  open.erase(fd);
  ::close(fd);
}

void BreakingProxy::State::Accept() {
  for (;;) {
    const int client = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0 || !Track(client)) return;
    const std::lock_guard<std::mutex> lock(mutex);
    connections.emplace_back([this, client] {
      Serve(client);
      Close(client);
    });
  }
}

void BreakingProxy::State::Serve(int client) {
  RawRequest request;
  if (!ReadRequest(client, request)) return;
  const int number = ++count;
  OrderWithServers();
  const Fault fault = decide(number, request.line);
  OrderWithServers();
  Answer(client, request, fault);
}

void BreakingProxy::State::Answer(int client, const RawRequest& request, Fault fault) {
  if (fault == Fault::kNotForwarded) return;
  if (fault == Fault::kUnavailable) return SendAll(client, kUnavailable);
  if (fault == Fault::kTooMany) return SendAll(client, kTooMany);
  if (fault == Fault::kExpired) return SendAll(client, kExpired);
  if (fault == Fault::kRefused) return SendAll(client, kRefused);
  if (fault == Fault::kAbsent) return SendAll(client, kAbsent);
  if (fault == Fault::kElsewhere) return SendAll(client, kElsewhere);
  std::string answer = AskServer(request, fault == Fault::kHalfRequest);
  if (fault == Fault::kOtherBytes) {
    if (!answer.empty() && !answer.ends_with("\r\n\r\n")) answer.back() ^= 1;
    return SendAll(client, answer);
  }
  if (fault == Fault::kReset) return ResetAtClose(client);
  if (fault == Fault::kSilent) return AwaitClose(client);
  if (fault == Fault::kDrip) return SendBytewise(client, answer);
  if (fault == Fault::kOtherDigest) ChangeDigest(answer);
  if (fault == Fault::kBadLink) answer.insert(answer.find("\r\n") + 2, kBadLink);
  const bool as_a_whole =
      fault == Fault::kNone || fault == Fault::kOtherDigest || fault == Fault::kBadLink;
  if (as_a_whole) return SendAll(client, answer);
  if (fault != Fault::kHalfAnswer) return;
  // Half of the body, or of the head where there is no body.
  const std::size_t body = answer.find("\r\n\r\n") + 4;
  const std::size_t end = body < answer.size() ? (body + answer.size()) / 2 : body / 2;
  SendAll(client, std::string_view(answer).substr(0, end));
}

// The whole answer: the server closes the connection after it.
std::string BreakingProxy::State::AskServer(const RawRequest& request, bool half) {
  std::string answer;
  const int server = ConnectToLoopback(server_port);
  if (server < 0 || !Track(server)) return answer;
  std::string head = request.head;
  head.insert(request.line.size() + 2, "Connection: close\r\n");
  SendAll(server, head);
  SendAll(server, request.body.substr(0, half ? request.body.size() / 2 : std::string::npos));
  while (!half && ReadSome(server, answer)) {
  }
  Close(server);
  return answer;
}

BreakingProxy::BreakingProxy(const std::string& server, Decide decide)
    : state_(std::make_unique<State>()) {
  state_->decide = std::move(decide);
  state_->server_port = std::stoi(server.substr(server.rfind(':') + 1));
  state_->listener = ListenOnLoopback();
  state_->port = PortOf(state_->listener);
  state_->acceptor = std::thread([state = state_.get()] { state->Accept(); });
}

BreakingProxy::~BreakingProxy() {
  {
    const std::lock_guard<std::mutex> lock(state_->mutex);
    state_->closing = true;
    for (const int fd : state_->open) ::shutdown(fd, SHUT_RDWR);
  }
  ::shutdown(state_->listener, SHUT_RDWR);
  state_->acceptor.join();
  for (std::thread& connection : state_->connections) connection.join();
  ::close(state_->listener);
}

std::string BreakingProxy::host() const {
  return "127.0.0.1:" + std::to_string(state_->port);
}

int BreakingProxy::requests() const {
  return state_->count;
}

}  // namespace imglife
