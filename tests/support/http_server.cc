#include "tests/support/http_server.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/ascii.h"
#include <httplib.h>

#include "providers/system/system.h"

namespace imglife {
namespace {

constexpr std::size_t kServedAtOnce = 64;

TemporaryDirectory NewDirectory() {
  auto directory = TemporaryDirectory::Create("imglife-certificate");
  if (!directory.ok()) throw std::runtime_error(directory.status().ToString());
  return *std::move(directory);
}

ServedRequest Received(const httplib::Request& request) {
  ServedRequest received;
  received.method = request.method;
  received.path = request.path;
  received.target = request.target;
  for (const auto& [name, value] : request.headers) {
    received.headers.emplace(absl::AsciiStrToLower(name), value);
  }
  received.body = request.body;
  return received;
}

// The connection ends where the body does, whatever length was promised.
httplib::ContentProvider SendThenEnd(std::string body) {
  return [body = std::move(body)](std::size_t offset, std::size_t length, httplib::DataSink& sink) {
    if (offset >= body.size()) return false;
    return sink.write(body.data() + offset, std::min(length, body.size() - offset));
  };
}

httplib::ContentProviderWithoutLength SendInChunks(std::string body) {
  return [body = std::move(body)](std::size_t, httplib::DataSink& sink) {
    const bool sent = sink.write(body.data(), body.size());
    sink.done();
    return sent;
  };
}

}  // namespace

struct HttpServer::State {
  Handler handler;
  std::string scheme = "http";
  std::unique_ptr<httplib::Server> server;
  int port = 0;
  std::thread thread;
  mutable std::mutex mutex;
  std::vector<ServedRequest> requests;

  void Serve(const httplib::Request& request, httplib::Response& response) {
    const ServedRequest received = Received(request);
    {
      const std::lock_guard<std::mutex> lock(mutex);
      requests.push_back(received);
    }
    OrderWithServers();
    ServedResponse served = handler(received);
    OrderWithServers();
    response.status = served.status;
    std::string type = "application/octet-stream";
    std::optional<std::size_t> length;
    for (const auto& [name, value] : served.headers) {
      const std::string lower_case = absl::AsciiStrToLower(name);
      if (lower_case == "content-type") {
        type = value;
      } else if (lower_case == "content-length") {
        length = std::stoul(value);
      } else {
        response.headers.emplace(name, value);
      }
    }
    if (served.chunked) {
      return response.set_chunked_content_provider(type, SendInChunks(std::move(served.body)));
    }
    if (!length) return response.set_content(std::move(served.body), type);
    response.set_content_provider(*length, type, SendThenEnd(std::move(served.body)));
  }
};

void OrderWithServers() {
  static std::mutex mutex;
  const std::lock_guard<std::mutex> lock(mutex);
}

std::string ServedRequest::Header(const std::string& lower_case_name) const {
  const auto found = headers.find(lower_case_name);
  return found == headers.end() ? "" : found->second;
}

TestCertificate::TestCertificate() : directory_(NewDirectory()) {
  ProcessSpec spec;
  spec.argv = {"openssl",
               "req",
               "-x509",
               "-newkey",
               "ec",
               "-pkeyopt",
               "ec_paramgen_curve:prime256v1",
               "-nodes",
               "-days",
               "30",
               "-subj",
               "/CN=imglife test",
               "-addext",
               "subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:registry.test",
               "-keyout",
               key_file(),
               "-out",
               certificate_file()};
  const auto result = MakeProcessRunner()->Run(spec);
  if (!result.ok() || result->exit_code != 0) {
    throw std::runtime_error("openssl made no certificate: " +
                             (result.ok() ? result->err : result.status().ToString()));
  }
}

HttpServer::HttpServer(Handler handler) : state_(std::make_unique<State>()) {
  state_->handler = std::move(handler);
  state_->server = std::make_unique<httplib::Server>();
  Listen();
}

HttpServer::HttpServer(Handler handler, const TestCertificate& certificate)
    : state_(std::make_unique<State>()) {
  state_->handler = std::move(handler);
  state_->scheme = "https";
  state_->server = std::make_unique<httplib::SSLServer>(certificate.certificate_file().c_str(),
                                                        certificate.key_file().c_str());
  Listen();
}

void HttpServer::Listen() {
  const auto serve = [state = state_.get()](const httplib::Request& request,
                                            httplib::Response& response) {
    state->Serve(request, response);
  };
  httplib::Server& server = *state_->server;
  server.Get(".*", serve);  // and HEAD
  server.Post(".*", serve);
  server.Put(".*", serve);
  server.Patch(".*", serve);
  server.Delete(".*", serve);
  server.Options(".*", serve);
  server.set_keep_alive_max_count(1000);
  // A server that ends waits so long for clients that stay.
  server.set_keep_alive_timeout(1);
  server.set_tcp_nodelay(true);
  // cpp-httplib listens for five connections and serves eight: imglife opens 32 at once, and those
  // that the kernel drops wait for seconds.
  server.new_task_queue = [] { return new httplib::ThreadPool(kServedAtOnce); };
  int listener = -1;
  server.set_socket_options([&](socket_t socket) {
    httplib::default_socket_options(socket);
    listener = socket;
  });
  state_->port = server.bind_to_any_port("127.0.0.1");
  if (state_->port <= 0 || ::listen(listener, SOMAXCONN) != 0) {
    throw std::runtime_error("no free loopback port");
  }
  state_->thread = std::thread([&server] { server.listen_after_bind(); });
  while (!server.is_running()) std::this_thread::yield();
}

HttpServer::~HttpServer() {
  state_->server->stop();
  state_->thread.join();
}

int HttpServer::port() const {
  return state_->port;
}

std::string HttpServer::host() const {
  return "127.0.0.1:" + std::to_string(state_->port);
}

std::string HttpServer::url() const {
  return state_->scheme + "://" + host();
}

std::vector<ServedRequest> HttpServer::Requests() const {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  return state_->requests;
}

std::vector<std::string> HttpServer::Lines() const {
  std::vector<std::string> lines;
  for (const ServedRequest& request : Requests()) {
    lines.push_back(request.method + " " + request.target);
  }
  return lines;
}

}  // namespace imglife
