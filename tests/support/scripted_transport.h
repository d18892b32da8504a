// The real transport to a real server in this process, which plays the servers of all URLs: a
// function answers, and every request is remembered as it arrived.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "providers/transport.h"
#include "tests/support/http_server.h"

namespace imglife {

struct SentRequest {
  std::string method;
  std::string url;
  std::multimap<std::string, std::string> headers;  // names in lower case
  std::string authorization;
  std::string body;
  // What the sender asked of its transport; a server doesn't see it.
  bool follow_redirects = false;
  bool idempotent = false;

  // The first value, or empty.
  std::string Header(const std::string& lower_case_name) const;
};

// Shorthand for an answer; names of headers in lower case. A Content-Length that is given is sent:
// where the body is shorter, the connection ends after it.
HttpResponse Answer(int status, std::multimap<std::string, std::string> headers = {},
                    std::string body = "");

// What a registry answers to HEAD for what it doesn't have.
HttpResponse Absent();

// Neither follows redirects nor tries again, so that a test sees each request of its own. All
// requests travel over plain HTTP on the loopback device, whatever their URL says: what TLS is for
// is tested in tests/providers/http. Thread-safe; the function may be called by several threads at
// once.
class ScriptedTransport : public Transport {
 public:
  // An error is what the caller gets instead of an answer.
  using Server = std::function<absl::StatusOr<HttpResponse>(const SentRequest&)>;

  explicit ScriptedTransport(Server server);

  absl::StatusOr<HttpResponse> Send(const HttpRequest& request) override;
  absl::StatusOr<HttpStream> Open(const HttpRequest& request) override;

  // In the order in which they were sent.
  std::vector<SentRequest> Requests() const;
  // "METHOD URL" of each.
  std::vector<std::string> Lines() const;

 private:
  struct Exchange {
    SentRequest sent;
    absl::Status failure;     // instead of an answer
    std::string answered_by;  // the URL that the answer names, if any
  };

  std::size_t Announce(const HttpRequest& request);
  // The same request for the loopback server, which finds the exchange by its number.
  HttpRequest ToLoopback(const HttpRequest& request, std::size_t number) const;
  ServedResponse Serve(const ServedRequest& request);
  // What the script says instead of the answer, else completes `head`.
  absl::Status Finish(std::size_t number, HttpResponse& head);
  Transport& Connections();

  const Server answer_;
  mutable std::mutex mutex_;
  std::vector<Exchange> exchanges_;
  HttpServer server_{[this](const ServedRequest& request) { return Serve(request); }};
  // Go before the server, which waits for clients that stay.
  std::vector<std::unique_ptr<Transport>> connections_;
};

}  // namespace imglife
