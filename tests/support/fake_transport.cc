#include "tests/support/fake_transport.h"

#include <mutex>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"

#include "tests/support/byte_readers.h"

namespace imglife {
namespace {

bool IsSuccess(int status) {
  return status >= 200 && status < 300;
}

absl::StatusOr<SentRequest> Record(const HttpRequest& request) {
  SentRequest sent;
  sent.method = request.method;
  sent.url = request.url;
  for (const auto& [name, value] : request.headers)
    sent.headers.emplace(absl::AsciiStrToLower(name), value);
  sent.authorization = request.authorization.Reveal();
  sent.body = request.body;
  sent.follow_redirects = request.follow_redirects;
  sent.idempotent = request.idempotent;
  if (request.upload != nullptr) {
    absl::StatusOr<std::string> uploaded = ReadAll(*request.upload);
    if (!uploaded.ok()) return uploaded.status();
    if (static_cast<std::int64_t>(uploaded->size()) != request.upload_size) {
      return absl::UnavailableError("the upload isn't as long as it said");
    }
    sent.body = *std::move(uploaded);
  }
  return sent;
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

absl::StatusOr<HttpResponse> FakeTransport::Exchange(const HttpRequest& request) {
  absl::StatusOr<SentRequest> sent = Record(request);
  if (!sent.ok()) return sent.status();
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(*sent);
  }
  absl::StatusOr<HttpResponse> response = server_(*sent);
  if (!response.ok()) return response;
  if (response->url.empty()) response->url = request.url;
  if (request.method == "HEAD") response->body.clear();
  return response;
}

absl::StatusOr<HttpResponse> FakeTransport::Send(const HttpRequest& request) {
  absl::StatusOr<HttpResponse> response = Exchange(request);
  if (response.ok() && response->body.size() > request.max_body) {
    return absl::ResourceExhaustedError("the body is larger than allowed");
  }
  return response;
}

absl::StatusOr<HttpStream> FakeTransport::Open(const HttpRequest& request) {
  absl::StatusOr<HttpResponse> response = Exchange(request);
  if (!response.ok()) return response.status();
  HttpStream stream;
  stream.head = *std::move(response);
  if (IsSuccess(stream.head.status)) {
    stream.body = ReaderOf(std::exchange(stream.head.body, {}));
  }
  return stream;
}

std::vector<SentRequest> FakeTransport::Requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::vector<std::string> FakeTransport::Lines() const {
  std::vector<std::string> lines;
  for (const SentRequest& request : Requests()) lines.push_back(request.method + " " + request.url);
  return lines;
}

}  // namespace imglife
