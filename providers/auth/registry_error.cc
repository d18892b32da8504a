#include "providers/auth/registry_error.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>

#include "absl/time/time.h"
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "providers/http/retry.h"
#include "schema/text/escape.h"

namespace imglife {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxErrors = 100;
constexpr std::size_t kMaxShown = 200;

std::string Text(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// The forms in use: {"errors": [{"code", "message"}]} of registries, {"error",
// "error_description"} of OAuth2, {"details"} of Docker Hub's token server.
std::vector<RegistryError> ReadErrors(const Json& document) {
  std::vector<RegistryError> errors;
  if (!document.is_object()) return errors;
  const auto list = document.find("errors");
  if (list != document.end() && list->is_array()) {
    for (const Json& error : *list) {
      if (!error.is_object() || errors.size() == kMaxErrors) continue;
      errors.push_back({Text(error, "code"), Text(error, "message")});
    }
    return errors;
  }
  const RegistryError oauth{Text(document, "error"), Text(document, "error_description")};
  const RegistryError hub{"", Text(document, "details")};
  if (!oauth.code.empty()) errors.push_back(oauth);
  if (oauth.code.empty() && !hub.message.empty()) errors.push_back(hub);
  return errors;
}

std::string Shown(const RegistryError& error) {
  const std::string separator = error.code.empty() || error.message.empty() ? "" : ": ";
  std::string text = EscapeControl(error.code + separator + error.message);
  if (text.size() > kMaxShown) {
    text.resize(kMaxShown);
    text = EscapeControl(text) + "...";
  }
  return text;
}

// "; it asks to wait 1h": what Retry-After says (RFC 9110, 10.2.3), be it seconds or a date.
std::string AskedWaitText(const HttpResponse& response) {
  const std::string asked = response.Header("retry-after");
  if (asked.empty() || !IsTransientStatus(response.status)) return "";
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(asked.data(), asked.data() + asked.size(), seconds);
  if (error == std::errc() && end == asked.data() + asked.size() && seconds >= 0) {
    return fmt::format("; it asks to wait {}", absl::FormatDuration(absl::Seconds(seconds)));
  }
  return fmt::format("; it asks to wait until {}", EscapeControl(asked.substr(0, kMaxShown)));
}

}  // namespace

std::vector<RegistryError> ParseErrors(const HttpResponse& response) {
  return ReadErrors(Json::parse(response.body, nullptr, false));
}

bool HasErrorCode(const HttpResponse& response, std::initializer_list<std::string_view> codes) {
  const std::vector<RegistryError> errors = ParseErrors(response);
  return std::any_of(errors.begin(), errors.end(), [codes](const RegistryError& error) {
    return std::find(codes.begin(), codes.end(), error.code) != codes.end();
  });
}

std::string DescribeAnswer(const HttpResponse& response) {
  const std::vector<RegistryError> errors = ParseErrors(response);
  const std::string shown = errors.empty() ? "" : Shown(errors.front());
  return shown.empty() ? fmt::format("{}", response.status)
                       : fmt::format("{} ({})", response.status, shown);
}

std::string DescribeOutcome(const absl::StatusOr<HttpResponse>& response) {
  return response.ok() ? DescribeAnswer(*response) : std::string(response.status().message());
}

absl::Status StatusOfAnswer(std::string_view what, const HttpResponse& response) {
  const std::string message = fmt::format("{}: the registry answered {}{}", what,
                                          DescribeAnswer(response), AskedWaitText(response));
  if (response.status == 401) return absl::UnauthenticatedError(message);
  if (response.status == 403) return absl::PermissionDeniedError(message);
  if (response.status == 404) return absl::NotFoundError(message);
  if (response.status == 405) return absl::UnimplementedError(message);
  if (IsTransientStatus(response.status) || response.status >= 500) {
    return absl::UnavailableError(message);
  }
  return absl::InvalidArgumentError(message);
}

}  // namespace imglife
