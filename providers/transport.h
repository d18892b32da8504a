// HTTP, as the registry client and the EOL source need it.
//
// Thread safety: any number of threads may call; requests of all callers are in flight together.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "providers/registry.h"
#include "providers/secret.h"

namespace imglife {

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  // Sent as the value of the Authorization header to the URL's own host only, never along a
  // redirect elsewhere.
  Secret authorization;
  std::string body;
  // Instead of `body`: streamed with Content-Length `upload_size`.
  ByteReader* upload = nullptr;
  std::int64_t upload_size = 0;
  // A body larger than this is an error (ResourceExhausted) for Send. That of an answer which isn't
  // 2xx is cut there, and at 1 MiB.
  std::size_t max_body = std::size_t{1} << 20;
  bool follow_redirects = false;
  // May be sent again after a failure whose outcome is unknown: true for GET, HEAD, and PUT of
  // content-addressed or otherwise repeatable data. The transport retries only if it is set.
  bool idempotent = true;
};

struct HttpResponse {
  int status = 0;
  // Names in lower case. A field that came several times has several entries.
  std::multimap<std::string, std::string> headers;
  std::string body;
  // The URL that answered, after redirects, without userinfo.
  std::string url;

  // The first value, or empty.
  std::string Header(const std::string& lower_case_name) const;
};

// A response whose body is read as it comes.
struct HttpStream {
  HttpResponse head;  // without body
  std::unique_ptr<ByteReader> body;
};

class Transport {
 public:
  virtual ~Transport() = default;

  // Any status the server gives is an answer; only what prevents an answer is an error
  // (Unavailable, DeadlineExceeded, ResourceExhausted). Retries as registry.md says: connection
  // errors, 408, 429, 500, 502, 503, 504; the last answer is returned when tries are over.
  virtual absl::StatusOr<HttpResponse> Send(const HttpRequest& request) = 0;

  // Returns when the head is there. A status that isn't 2xx comes with its body, cut as by Send, in
  // head.body and no stream. Retries only until the head is there.
  virtual absl::StatusOr<HttpStream> Open(const HttpRequest& request) = 0;
};

}  // namespace imglife
