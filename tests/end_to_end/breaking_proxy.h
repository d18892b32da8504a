// A reverse proxy in front of a registry that breaks requests on purpose.
#pragma once

#include <functional>
#include <memory>
#include <string>

namespace imglife {

enum class Fault {
  kNone,
  // The connection ends before the server hears of the request.
  kNotForwarded,
  // The server gets the head and half of the body, then both connections end.
  kHalfRequest,
  // The server does it, but the client never hears of it.
  kAnswerLost,
  // The client gets the first half of the answer.
  kHalfAnswer,
  // The server isn't asked; the client gets 503.
  kUnavailable,
  // The server isn't asked; the client gets 429 and is to come back in a second.
  kTooMany,
  // The server isn't asked; the client gets 401, as if its token had expired: /token has another.
  kExpired,
  // The server isn't asked; the client gets 403.
  kRefused,
  // The server isn't asked; the client gets 404 and a page for people.
  kAbsent,
  // The last byte of the answer's body is another one; of an answer without a body, nothing is.
  kOtherBytes,
  // The server does it; the client's connection is reset.
  kReset,
  // The server isn't asked; the client is sent to a host that nobody listens at.
  kElsewhere,
  // The answer says that it is another digest; of one that says none, nothing is changed.
  kOtherDigest,
  // The answer has a Link that can't be read.
  kBadLink,
  // The answer comes byte by byte.
  kDrip,
  // The server does it; nothing is said until the client goes.
  kSilent,
};

// "HalfAnswer", for the names of tests.
std::string NameOf(Fault fault);

// Serves one request per connection; bodies of requests have a Content-Length. Requests are counted
// from 1 in the order in which their heads came.
//
// Thread-safe; `decide` may be called by several threads at once. Throws std::runtime_error (which
// fails the test) if it can't listen.
class BreakingProxy {
 public:
  // `line` is the request line: "GET /v2/ HTTP/1.1".
  using Decide = std::function<Fault(int number, const std::string& line)>;

  // `server` is HOST:PORT on 127.0.0.1.
  BreakingProxy(const std::string& server, Decide decide);
  ~BreakingProxy();
  BreakingProxy(const BreakingProxy&) = delete;
  BreakingProxy& operator=(const BreakingProxy&) = delete;

  // "127.0.0.1:PORT".
  std::string host() const;
  // How many there were.
  int requests() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace imglife
