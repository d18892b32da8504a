// A real HTTP server on a free loopback port, whose answers are a function in the test.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

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

// The body of an answer to HEAD sets its Content-Length and isn't sent.
struct ServedResponse {
  int status = 200;
  std::multimap<std::string, std::string> headers;
  std::string body;
};

// Thread-safe; the function may be called by several threads at once. Throws std::runtime_error
// (which fails the test) if it can't listen.
class HttpServer {
 public:
  using Handler = std::function<ServedResponse(const ServedRequest&)>;

  explicit HttpServer(Handler handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // "127.0.0.1:PORT".
  std::string host() const;
  // "http://127.0.0.1:PORT".
  std::string url() const;
  int port() const;

  // In the order they came.
  std::vector<ServedRequest> Requests() const;
  // "METHOD TARGET" of each.
  std::vector<std::string> Lines() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace imglife
