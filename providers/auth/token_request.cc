#include "providers/auth/token_request.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "providers/auth/registry_error.h"
#include "providers/auth/scrub.h"
#include "providers/http/retry.h"

namespace imglife {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kClient = "imglife";
// "Token Authentication Specification": what a missing expires_in means.
constexpr std::int64_t kDefaultLifetimeSeconds = 60;
constexpr std::int64_t kMaxLifetimeSeconds = 24 * 60 * 60;
constexpr std::size_t kMaxTokenBytes = std::size_t{1} << 20;

HttpRequest PasswordRequest(const TokenRequest& request, const Credential& credential) {
  HttpRequest http;
  http.url = request.realm.ToString();
  if (!request.service.empty()) http.url = WithParameter(http.url, "service", request.service);
  for (const std::string& scope : request.scopes) {
    http.url = WithParameter(http.url, "scope", scope);
  }
  http.url = WithParameter(http.url, "client_id", kClient);
  // The transport takes no credentials to another server, and never leaves TLS.
  http.follow_redirects = true;
  if (!credential.username.empty()) {
    http.url = WithParameter(http.url, "account", credential.username);
  }
  return http;
}

HttpRequest RefreshRequest(const TokenRequest& request, const Credential& credential) {
  HttpRequest http;
  http.method = "POST";
  http.url = request.realm.ToString();
  http.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  http.body =
      fmt::format("grant_type=refresh_token&service={}&client_id={}&scope={}&refresh_token={}",
                  EscapeQuery(request.service), kClient, EscapeQuery(JoinScopes(request.scopes)),
                  EscapeQuery(credential.identity_token.Reveal()));
  return http;
}

absl::StatusOr<HttpRequest> MakeRequest(const TokenRequest& request, const Credential& credential) {
  if (!credential.identity_token.empty()) return RefreshRequest(request, credential);
  HttpRequest http = PasswordRequest(request, credential);
  if (!credential.username.empty()) {
    absl::StatusOr<Secret> basic = BasicAuthorization(request.host, credential);
    if (!basic.ok()) return basic.status();
    http.authorization = *std::move(basic);
  }
  return http;
}

std::string TokenText(const Json& document) {
  for (const char* name : {"token", "access_token"}) {
    const auto found = document.find(name);
    if (found != document.end() && found->is_string() && !found->get<std::string>().empty()) {
      return found->get<std::string>();
    }
  }
  return "";
}

// Counted from before the request was made, and not from issued_at: that is another clock.
absl::StatusOr<Token> ReadToken(const TokenRequest& request, const std::string& body,
                                absl::Time asked) {
  const Json document = Json::parse(body, nullptr, false);
  const std::string text = document.is_object() ? TokenText(document) : "";
  if (text.empty()) {
    return absl::InvalidArgumentError(fmt::format(
        "{}: the token server {} answered without a token", request.host, request.realm.Origin()));
  }
  std::int64_t lifetime = kDefaultLifetimeSeconds;
  const auto expires_in = document.find("expires_in");
  if (expires_in != document.end() && expires_in->is_number_integer()) {
    const std::int64_t given = expires_in->get<std::int64_t>();
    if (given > 0) lifetime = std::min(given, kMaxLifetimeSeconds);
  }
  Token token;
  token.value = Secret(text);
  token.expires = asked + absl::Seconds(lifetime);
  return token;
}

}  // namespace

absl::StatusOr<Secret> BasicAuthorization(const std::string& host, const Credential& credential) {
  if (credential.username.find(':') != std::string::npos) {
    return absl::InvalidArgumentError(
        fmt::format("the user name for {} from {} has a colon", host, credential.source));
  }
  return Secret("Basic " +
                absl::Base64Escape(credential.username + ":" + credential.password.Reveal()));
}

absl::StatusOr<Secret> BearerAuthorization(const std::string& host, const Secret& token) {
  const std::string& text = token.Reveal();
  const bool visible = !text.empty() && std::all_of(text.begin(), text.end(),
                                                    [](char c) { return c > ' ' && c <= '~'; });
  if (!visible) {
    return absl::InvalidArgumentError(
        fmt::format("the bearer token for {} has characters that no token has", host));
  }
  return Secret("Bearer " + text);
}

std::string RefusalMessage(const std::string& who, const std::string& host,
                           const Credential& credential, const HttpResponse& refusal) {
  const std::string variable = CredentialVariable(host);
  if (credential.anonymous()) {
    return fmt::format(
        "{} refuses anonymous access with {}, and no credentials for {} were found; set "
        "{}_USERNAME and {}_PASSWORD, or log in with docker login",
        who, DescribeAnswer(refusal), host, variable, variable);
  }
  return fmt::format(
      "{} refused the credentials from {} with {}; they are wrong or lack a permission: check "
      "them, or set {}_USERNAME and {}_PASSWORD",
      who, credential.source, DescribeAnswer(refusal), variable, variable);
}

absl::StatusOr<Token> FetchToken(Transport& transport, const TokenRequest& request,
                                 const Credential& credential, absl::Time now) {
  absl::StatusOr<HttpRequest> http = MakeRequest(request, credential);
  if (!http.ok()) return http.status();
  http->max_body = kMaxTokenBytes;
  absl::StatusOr<HttpResponse> response = transport.Send(*http);
  if (!response.ok()) {
    return absl::Status(
        response.status().code(),
        fmt::format("{}: its token server {} can't be asked: {}", request.host,
                    request.realm.Origin(), std::string(response.status().message())));
  }
  if (response->status == 200) return ReadToken(request, response->body, now);
  ScrubRefusal(*response, http->authorization);
  response->body = WithoutSecret(std::move(response->body), credential.identity_token);
  const bool refused =
      response->status == 400 || response->status == 401 || response->status == 403;
  if (refused) {
    const std::string who =
        fmt::format("the token server {} of {}", request.realm.Origin(), request.host);
    return absl::UnauthenticatedError(RefusalMessage(who, request.host, credential, *response));
  }
  const std::string message = fmt::format("{}: its token server {} answered {}", request.host,
                                          request.realm.Origin(), DescribeAnswer(*response));
  const bool troubled = IsTransientStatus(response->status) || response->status >= 500;
  return troubled ? absl::UnavailableError(message) : absl::UnauthenticatedError(message);
}

}  // namespace imglife
