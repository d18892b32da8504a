// A real HTTP or HTTPS server on a free loopback port, whose answers are a function in the test.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "providers/files.h"

namespace imglife {

struct ServedRequest {
  std::string method;
  std::string path;
  std::string target;                               // path and query, as sent
  std::multimap<std::string, std::string> headers;  // names in lower case
  std::string body;

  // The first value, or empty.
  std::string Header(const std::string& lower_case_name) const;
};

// The body of an answer to HEAD sets its Content-Length and isn't sent. A Content-Length among the
// headers counts instead; a body shorter than that ends with the connection.
struct ServedResponse {
  int status = 200;
  std::multimap<std::string, std::string> headers;
  std::string body;
  // Transfer-Encoding: chunked, without a Content-Length.
  bool chunked = false;
};

// Puts what the calling thread did so far before all that any server's function does from now
// on, and behind what these did. A test that has waited for a program that asked the server knows
// that order; ThreadSanitizer, which doesn't see through programs, doesn't.
void OrderWithServers();

// A key and a certificate that signs itself, for 127.0.0.1, localhost and registry.test, made by
// openssl. Throws std::runtime_error (which fails the test) if that can't be done.
class TestCertificate {
 public:
  TestCertificate();
  std::string key_file() const { return directory_.path() + "/key.pem"; }
  // What a client has to trust.
  std::string certificate_file() const { return directory_.path() + "/certificate.pem"; }

 private:
  TemporaryDirectory directory_;
};

// Thread-safe; the function may be called by several threads at once. Throws std::runtime_error
// (which fails the test) if it can't listen.
class HttpServer {
 public:
  using Handler = std::function<ServedResponse(const ServedRequest&)>;

  explicit HttpServer(Handler handler);
  // With TLS.
  HttpServer(Handler handler, const TestCertificate& certificate);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // "127.0.0.1:PORT".
  std::string host() const;
  // "http://127.0.0.1:PORT", or https.
  std::string url() const;
  int port() const;

  // In the order they came.
  std::vector<ServedRequest> Requests() const;
  // "METHOD TARGET" of each.
  std::vector<std::string> Lines() const;

 private:
  struct State;

  void Listen();

  std::unique_ptr<State> state_;
};

}  // namespace imglife
