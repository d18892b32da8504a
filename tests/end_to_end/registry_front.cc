#include "tests/end_to_end/registry_front.h"

#include <atomic>
#include <utility>

#include <fmt/format.h>

#include "providers/http/curl_transport.h"

namespace imglife {

RegistryFront::RegistryFront(std::string registry, Own own)
    : registry_(std::move(registry)),
      own_(std::move(own)),
      transport_(MakeCurlTransport({})),
      server_([this](const ServedRequest& request) {
        auto answer = own_(request);
        return answer ? *std::move(answer) : Forward(request);
      }) {}

ServedResponse RegistryFront::Forward(const ServedRequest& request) const {
  HttpRequest forwarded;
  forwarded.method = request.method;
  forwarded.url = registry_ + request.target;
  forwarded.body = request.body;
  forwarded.max_body = std::size_t{64} << 20;
  forwarded.idempotent = false;
  for (const char* name : {"accept", "content-type", "content-range"}) {
    const std::string value = request.Header(name);
    if (!value.empty()) forwarded.headers.emplace_back(name, value);
  }
  const auto response = transport_->Send(forwarded);
  if (!response.ok()) return {502, {}, response.status().ToString()};
  ServedResponse answer{response->status, {}, response->body};
  // The server of the front cuts the range out of the whole by itself.
  if (answer.status == 200 && !request.Header("range").empty()) answer.status = 206;
  for (const char* name :
       {"content-type", "docker-content-digest", "link", "location", "oci-subject", "range"}) {
    std::string value = response->Header(name);
    if (value.starts_with(registry_)) value.erase(0, registry_.size());
    if (!value.empty()) answer.headers.emplace(name, std::move(value));
  }
  const std::string length = response->Header("content-length");
  if (request.method == "HEAD" && !length.empty()) answer.body.assign(std::stoul(length), ' ');
  return answer;
}

std::unique_ptr<RegistryFront> MakeTokenFront(const std::string& registry) {
  const auto issued = std::make_shared<std::atomic<int>>(0);
  return std::make_unique<RegistryFront>(
      registry, [issued](const ServedRequest& request) -> std::optional<ServedResponse> {
        if (request.path == "/token") {
          return ServedResponse{200, {}, fmt::format(R"({{"token":"let-me-in-{}"}})", ++*issued)};
        }
        if (request.Header("authorization").starts_with("Bearer let-me-in-")) return std::nullopt;
        return ServedResponse{
            401, {{"WWW-Authenticate", R"(Bearer realm="/token",service="front")"}}, ""};
      });
}

}  // namespace imglife
