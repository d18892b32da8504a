// What the error answers of registries and token servers say (distribution-spec 1.1, "Error
// codes"; RFC 6749, 5.2).
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

#include "providers/transport.h"

namespace imglife {

struct RegistryError {
  std::string code;     // "MANIFEST_UNKNOWN"; empty if it has none
  std::string message;  // may be empty
};

// Empty if the body isn't an error document.
std::vector<RegistryError> ParseErrors(const HttpResponse& response);

// Does the body have an error with one of the codes?
bool HasErrorCode(const HttpResponse& response, std::initializer_list<std::string_view> codes);

// "404 (NAME_UNKNOWN: repository name not known to registry)": the status and the first error, made
// harmless for terminals and short.
std::string DescribeAnswer(const HttpResponse& response);
// The same, or why no answer came.
std::string DescribeOutcome(const absl::StatusOr<HttpResponse>& response);

// The error of a request about `what` ("ghcr.io/acme/app:1.2"), as registry.h assigns codes:
// NotFound 404, Unauthenticated 401, PermissionDenied 403, Unimplemented 405, Unavailable 408, 429
// and 5xx, else InvalidArgument.
absl::Status StatusOfAnswer(std::string_view what, const HttpResponse& response);

}  // namespace imglife
