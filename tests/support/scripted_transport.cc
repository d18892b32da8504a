#include "tests/support/scripted_transport.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include <fmt/format.h>

#include "providers/http/curl_transport.h"

namespace imglife {
namespace {

// cpp-httplib cuts the Range of a request out of the answer by itself, also where the script has.
constexpr char kRange[] = "x-range";

// "https://reg.example/v2/" is "/NUMBER/https/reg.example/v2/" there.
std::string LoopbackPath(const std::string& url, std::size_t number) {
  const std::size_t end = url.find("://");
  return fmt::format("/{}/{}/{}", number, url.substr(0, end), url.substr(end + 3));
}

struct Target {
  std::size_t number = 0;
  std::string url;
};

Target ParseLoopbackPath(const std::string& path) {
  const std::size_t scheme = path.find('/', 1) + 1;
  const std::size_t authority = path.find('/', scheme) + 1;
  return {
      std::stoul(path.substr(1)),
      fmt::format("{}://{}", path.substr(scheme, authority - scheme - 1), path.substr(authority))};
}

std::string Extract(std::multimap<std::string, std::string>& headers, const std::string& name) {
  auto node = headers.extract(name);
  return node.empty() ? "" : std::move(node.mapped());
}

std::unique_ptr<Transport> WithoutRetries() {
  TransportSettings settings;
  settings.max_tries = 1;
  return MakeCurlTransport(settings);
}

}  // namespace

std::string SentRequest::Header(const std::string& lower_case_name) const {
  const auto found = headers.find(lower_case_name);
  return found == headers.end() ? "" : found->second;
}

HttpResponse Answer(int status, std::multimap<std::string, std::string> headers, std::string body) {
  HttpResponse response;
  response.status = status;
  response.headers = std::move(headers);
  response.body = std::move(body);
  return response;
}

HttpResponse Absent() {
  return Answer(404, {{"docker-distribution-api-version", "registry/2.0"}});
}

ScriptedTransport::ScriptedTransport(Server server) : answer_(std::move(server)) {
  connections_.push_back(WithoutRetries());
}

absl::StatusOr<HttpResponse> ScriptedTransport::Send(const HttpRequest& request) {
  const std::size_t number = Announce(request);
  absl::StatusOr<HttpResponse> response = Connections().Send(ToLoopback(request, number));
  if (!response.ok()) return response;
  const absl::Status finished = Finish(number, *response);
  if (!finished.ok()) return finished;
  return response;
}

absl::StatusOr<HttpStream> ScriptedTransport::Open(const HttpRequest& request) {
  const std::size_t number = Announce(request);
  absl::StatusOr<HttpStream> stream = Connections().Open(ToLoopback(request, number));
  if (!stream.ok()) return stream;
  const absl::Status finished = Finish(number, stream->head);
  if (!finished.ok()) return finished;
  return stream;
}

std::size_t ScriptedTransport::Announce(const HttpRequest& request) {
  Exchange exchange;
  exchange.sent.method = request.method;
  exchange.sent.url = request.url;
  exchange.sent.follow_redirects = request.follow_redirects;
  exchange.sent.idempotent = request.idempotent;
  const std::lock_guard lock(mutex_);
  exchanges_.push_back(std::move(exchange));
  return exchanges_.size() - 1;
}

HttpRequest ScriptedTransport::ToLoopback(const HttpRequest& request, std::size_t number) const {
  HttpRequest loopback = request;
  loopback.url = server_.url() + LoopbackPath(request.url, number);
  loopback.follow_redirects = false;
  for (auto& [name, value] : loopback.headers) {
    if (absl::EqualsIgnoreCase(name, "range")) name = kRange;
  }
  return loopback;
}

ServedResponse ScriptedTransport::Serve(const ServedRequest& request) {
  Target target = ParseLoopbackPath(request.target);
  SentRequest sent;
  {
    const std::lock_guard lock(mutex_);
    SentRequest& announced = exchanges_[target.number].sent;
    announced.method = request.method;
    announced.url = std::move(target.url);
    announced.headers = request.headers;
    announced.authorization = Extract(announced.headers, "authorization");
    if (std::string range = Extract(announced.headers, kRange); !range.empty()) {
      announced.headers.emplace("range", std::move(range));
    }
    announced.body = request.body;
    sent = announced;
  }
  absl::StatusOr<HttpResponse> answer = answer_(sent);
  const std::lock_guard lock(mutex_);
  Exchange& exchange = exchanges_[target.number];
  if (!answer.ok()) {
    exchange.failure = answer.status();
    return {500, {}, ""};
  }
  exchange.answered_by = answer->url;
  // What the script leaves out the server must not add.
  if (answer->headers.count("content-type") == 0) answer->headers.emplace("content-type", "");
  const bool chunked = request.method == "HEAD" && answer->headers.count("content-length") == 0;
  return {answer->status, std::move(answer->headers), std::move(answer->body), chunked};
}

absl::Status ScriptedTransport::Finish(std::size_t number, HttpResponse& head) {
  const std::lock_guard lock(mutex_);
  const Exchange& exchange = exchanges_[number];
  head.url = exchange.answered_by.empty() ? exchange.sent.url : exchange.answered_by;
  // All hosts are one here: for the next request the one that says 429 shall not count.
  if (head.status == 429) connections_.push_back(WithoutRetries());
  return exchange.failure;
}

Transport& ScriptedTransport::Connections() {
  const std::lock_guard lock(mutex_);
  return *connections_.back();
}

std::vector<SentRequest> ScriptedTransport::Requests() const {
  const std::lock_guard lock(mutex_);
  std::vector<SentRequest> requests;
  requests.reserve(exchanges_.size());
  for (const Exchange& exchange : exchanges_) requests.push_back(exchange.sent);
  return requests;
}

std::vector<std::string> ScriptedTransport::Lines() const {
  std::vector<std::string> lines;
  for (const SentRequest& request : Requests()) lines.push_back(request.method + " " + request.url);
  return lines;
}

}  // namespace imglife
