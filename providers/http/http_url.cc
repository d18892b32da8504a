#include "providers/http/http_url.h"

#include <memory>

#include <curl/curl.h>
#include <fmt/format.h>

namespace imglife {
namespace {

using Handle = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

std::string Part(CURLU* url, CURLUPart part, unsigned int flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return "";
  std::string result(text);
  curl_free(text);
  return result;
}

absl::StatusOr<HttpUrl> FromHandle(CURLU* handle) {
  curl_url_set(handle, CURLUPART_USER, nullptr, 0);
  curl_url_set(handle, CURLUPART_PASSWORD, nullptr, 0);
  curl_url_set(handle, CURLUPART_FRAGMENT, nullptr, 0);
  HttpUrl url;
  url.text = Part(handle, CURLUPART_URL);
  url.scheme = Part(handle, CURLUPART_SCHEME);
  url.host = Part(handle, CURLUPART_HOST);
  for (char& c : url.host) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  url.port = Part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT);
  if ((url.scheme != "http" && url.scheme != "https") || url.host.empty()) {
    return absl::InvalidArgumentError("only http and https URLs with a host can be spoken to");
  }
  return url;
}

}  // namespace

std::string HttpUrl::Authority() const {
  const bool usual = port == (scheme == "https" ? "443" : "80");
  return usual ? host : fmt::format("{}:{}", host, port);
}

absl::StatusOr<HttpUrl> ParseHttpUrl(const std::string& text) {
  const Handle handle(curl_url(), curl_url_cleanup);
  if (curl_url_set(handle.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    return absl::InvalidArgumentError("only http and https URLs with a host can be spoken to");
  }
  return FromHandle(handle.get());
}

absl::StatusOr<HttpUrl> ResolveRedirect(const HttpUrl& from, const std::string& location) {
  const Handle handle(curl_url(), curl_url_cleanup);
  if (curl_url_set(handle.get(), CURLUPART_URL, from.text.c_str(), 0) != CURLUE_OK ||
      curl_url_set(handle.get(), CURLUPART_URL, location.c_str(), 0) != CURLUE_OK) {
    return absl::UnavailableError(
        fmt::format("{} redirects to something that is no URL", from.Authority()));
  }
  auto target = FromHandle(handle.get());
  if (!target.ok()) {
    return absl::UnavailableError(
        fmt::format("{} redirects to something that is no http URL", from.Authority()));
  }
  if (from.scheme == "https" && target->scheme != "https") {
    return absl::FailedPreconditionError(
        fmt::format("{} redirects from https to plain http at {}: refused", from.Authority(),
                    target->Authority()));
  }
  return target;
}

}  // namespace imglife
