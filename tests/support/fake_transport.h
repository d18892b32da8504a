// A Transport without a network: a function answers, and every request is remembered.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "providers/transport.h"

namespace imglife {

// A request as a server would have seen it; an uploaded stream is in `body`.
struct SentRequest {
  std::string method;
  std::string url;
  std::multimap<std::string, std::string> headers;  // names in lower case
  std::string authorization;
  std::string body;
  bool follow_redirects = false;
  bool idempotent = false;

  // The first value, or empty.
  std::string Header(const std::string& lower_case_name) const;
};

// Shorthand for an answer; names of headers in lower case.
HttpResponse Answer(int status, std::multimap<std::string, std::string> headers = {},
                    std::string body = "");

// What a registry answers to HEAD for what it doesn't have.
HttpResponse Absent();

// Neither follows redirects nor tries again. Thread-safe; the function may be called by several
// threads at once.
class FakeTransport : public Transport {
 public:
  using Server = std::function<absl::StatusOr<HttpResponse>(const SentRequest&)>;

  explicit FakeTransport(Server server) : server_(std::move(server)) {}

  absl::StatusOr<HttpResponse> Send(const HttpRequest& request) override;
  absl::StatusOr<HttpStream> Open(const HttpRequest& request) override;

  // In the order they came.
  std::vector<SentRequest> Requests() const;
  // "METHOD URL" of each.
  std::vector<std::string> Lines() const;

 private:
  absl::StatusOr<HttpResponse> Exchange(const HttpRequest& request);

  Server server_;
  mutable std::mutex mutex_;
  std::vector<SentRequest> requests_;
};

}  // namespace imglife
