#include "providers/registry/distribution/own_answer.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "providers/auth/registry_error.h"

namespace imglife {
namespace {

// "The code field MUST be a unique identifier, containing only uppercase alphabetic characters and
// underscores": other gateways' errors have other words.
bool IsCode(std::string_view code) {
  return !code.empty() &&
         code.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == std::string_view::npos;
}

// Who is refused was understood.
bool IsRefusal(const absl::Status& status) {
  return absl::IsUnauthenticated(status) || absl::IsPermissionDenied(status);
}

}  // namespace

bool HasErrorDocument(const HttpResponse& answer) {
  const std::vector<RegistryError> errors = ParseErrors(answer);
  return std::any_of(errors.begin(), errors.end(),
                     [](const RegistryError& error) { return IsCode(error.code); });
}

bool IsOwnAnswer(const HttpResponse& answer) {
  return !answer.Header("docker-distribution-api-version").empty() || HasErrorDocument(answer);
}

absl::Status CheckIsThere(Client& client, const Repository& repository, const std::string& about,
                          const HttpResponse& answer) {
  absl::StatusOr<std::string> url = client.Address(repository.host, "");
  if (!url.ok()) return url.status();
  Call call;
  call.repository = repository;
  call.what = about;
  call.scopes = PullScope(repository.path);
  call.request.url = *std::move(url);
  const absl::StatusOr<HttpResponse> response = client.Send(call);
  if (response.ok() && response->status / 100 == 2) return absl::OkStatus();
  const absl::Status status = response.ok() ? StatusOfAnswer(about, *response) : response.status();
  if (IsRefusal(status)) return absl::OkStatus();
  if (!response.ok()) return status;
  return absl::UnavailableError(
      fmt::format("{}: {} answers {} without saying why, and {} for /v2/, as a proxy does when the "
                  "registry behind it is away; try again when it is back",
                  about, repository.host, answer.status, DescribeAnswer(*response)));
}

}  // namespace imglife
