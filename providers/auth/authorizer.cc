#include "providers/auth/authorizer.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "absl/status/status.h"
#include <fmt/format.h>

#include "providers/auth/token_request.h"

namespace imglife {
namespace {

std::vector<Challenge> ChallengesOf(const HttpResponse& response) {
  std::vector<Challenge> challenges;
  const auto [first, last] = response.headers.equal_range("www-authenticate");
  for (auto header = first; header != last; ++header) {
    for (Challenge& challenge : ParseChallenges(header->second)) {
      challenges.push_back(std::move(challenge));
    }
  }
  return challenges;
}

const Challenge* FindScheme(const std::vector<Challenge>& challenges, std::string_view scheme) {
  const auto found =
      std::find_if(challenges.begin(), challenges.end(),
                   [scheme](const Challenge& challenge) { return challenge.scheme == scheme; });
  return found == challenges.end() ? nullptr : &*found;
}

absl::Status Refused(const Access& access, const Credential& credential,
                     const HttpResponse& response) {
  const std::string message = RefusalMessage(access.host, access.host, credential, response);
  return response.status == 403 ? absl::PermissionDeniedError(message)
                                : absl::UnauthenticatedError(message);
}

}  // namespace

Authorizer::Authorizer(Transport& transport, CredentialSource& credentials,
                       std::function<absl::Time()> now)
    : transport_(transport), credentials_(credentials), now_(std::move(now)), tokens_(now_) {}

bool Authorizer::IsChallenge(const HttpResponse& response) {
  if (response.status == 401) return true;
  if (response.status != 403) return false;
  const std::vector<Challenge> challenges = ChallengesOf(response);
  return std::any_of(challenges.begin(), challenges.end(), [](const Challenge& challenge) {
    return challenge.Parameter("error") == "insufficient_scope";
  });
}

absl::StatusOr<Secret> Authorizer::Before(const Access& access) {
  Method method;
  {
    const std::lock_guard lock(mutex_);
    const auto known = method_by_host_.find(access.host);
    if (known == method_by_host_.end()) return Secret();
    method = known->second;
  }
  const absl::StatusOr<Credential> credential = CredentialFor(access.host);
  if (!credential.ok()) return credential.status();
  return Value(access, method, *credential, LearnedScopes(access));
}

absl::StatusOr<Secret> Authorizer::After(const Access& access, const HttpResponse& challenged,
                                         const Secret& sent, bool last) {
  const std::vector<Challenge> challenges = ChallengesOf(challenged);
  const absl::StatusOr<Credential> credential = CredentialFor(access.host);
  if (!credential.ok()) return credential.status();
  const absl::StatusOr<Method> method = MethodOf(access, challenges);
  if (!method.ok()) return method.status();

  const Scopes asked = LearnedScopes(access);
  Scopes scopes = asked;
  if (const Challenge* bearer = FindScheme(challenges, "bearer"); bearer != nullptr) {
    scopes = MergeScopes(asked, bearer->Parameter("scope"));
  }
  if (last && scopes == asked) return Refused(access, *credential, challenged);
  {
    const std::lock_guard lock(mutex_);
    method_by_host_.insert_or_assign(access.host, *method);
    if (scopes != asked) learned_[{access.host, JoinScopes(access.scopes)}] = scopes;
  }
  constexpr std::string_view kBearer = "Bearer ";
  if (sent.Reveal().substr(0, kBearer.size()) == kBearer) {
    tokens_.Drop(TokenKey(access, *method, scopes), Secret(sent.Reveal().substr(kBearer.size())));
  }
  if (method->basic && credential->username.empty() && credential->bearer_token.empty()) {
    return Refused(access, *credential, challenged);
  }
  absl::StatusOr<Secret> value = Value(access, *method, *credential, scopes);
  // Basic credentials and a given bearer token don't change by asking again.
  if (value.ok() && value->Reveal() == sent.Reveal()) {
    return Refused(access, *credential, challenged);
  }
  return value;
}

std::optional<Credential> Authorizer::SentCredential(const std::string& host) {
  {
    const std::lock_guard lock(mutex_);
    if (method_by_host_.count(host) == 0) return std::nullopt;
  }
  const absl::StatusOr<Credential> credential = CredentialFor(host);
  return credential.ok() ? std::optional(*credential) : std::nullopt;
}

std::string Authorizer::Advice(const std::string& host, std::string_view doing) {
  const std::optional<Credential> credential = SentCredential(host);
  if (!credential) {
    return fmt::format(
        "it refuses {} without asking for a login: check its rules and those of proxies before it",
        doing);
  }
  const std::string variable = CredentialVariable(host);
  if (credential->anonymous()) {
    return fmt::format(
        "no credentials for {} were found: set {}_USERNAME and {}_PASSWORD, or log in with docker "
        "login",
        host, variable, variable);
  }
  return fmt::format(
      "the credentials from {} don't allow {}: give them that permission, or set {}_USERNAME and "
      "{}_PASSWORD to others",
      credential->source, doing, variable, variable);
}

std::string Authorizer::AdviceOnPullLimit(const std::string& host) {
  const std::optional<Credential> credential = SentCredential(host);
  const std::string variable = CredentialVariable(host);
  if (!credential) {
    return fmt::format(
        "it asks for no login, so {}_USERNAME changes nothing: log the server in that pulls for it",
        variable);
  }
  if (credential->anonymous()) {
    return fmt::format("accounts are allowed more: set {}_USERNAME and {}_PASSWORD", variable,
                       variable);
  }
  return fmt::format(
      "that is what the credentials from {} are allowed: set {}_USERNAME and {}_PASSWORD to those "
      "of an account that is allowed more, or copy fewer at once with --only",
      credential->source, variable, variable);
}

std::string Authorizer::Asker(const std::string& host) {
  const std::optional<Credential> credential = SentCredential(host);
  return !credential || credential->anonymous()
             ? "somebody without credentials"
             : fmt::format("the credentials from {}", credential->source);
}

absl::StatusOr<Credential> Authorizer::CredentialFor(const std::string& host) {
  Lookup* lookup = nullptr;
  {
    const std::lock_guard lock(mutex_);
    lookup = &credential_by_host_[host];
  }
  const std::lock_guard lock(lookup->mutex);
  if (!lookup->found) lookup->found = credentials_.For(host);
  return *lookup->found;
}

absl::StatusOr<Authorizer::Method> Authorizer::MethodOf(const Access& access,
                                                        const std::vector<Challenge>& challenges) {
  Method method;
  if (const Challenge* bearer = FindScheme(challenges, "bearer"); bearer != nullptr) {
    const std::optional<Url> realm = ResolveUrl(access.api, bearer->Parameter("realm"));
    if (!realm) {
      return absl::UnauthenticatedError(fmt::format(
          "{} asks for a token, but the realm in its challenge is no URL", access.host));
    }
    if (Downgrades(access.api, *realm)) {
      return absl::UnauthenticatedError(fmt::format(
          "{} sends its clients to a token server without TLS ({}); credentials are not "
          "sent there",
          access.host, realm->Origin()));
    }
    method.realm = *realm;
    method.service = bearer->Parameter("service");
    return method;
  }
  if (FindScheme(challenges, "basic") != nullptr) {
    method.basic = true;
    return method;
  }
  return absl::UnauthenticatedError(fmt::format(
      "{} wants a login, but by no method that imglife knows (Basic, Bearer)", access.host));
}

absl::StatusOr<Secret> Authorizer::Value(const Access& access, const Method& method,
                                         const Credential& credential, const Scopes& scopes) {
  if (!credential.bearer_token.empty()) {
    return BearerAuthorization(access.host, credential.bearer_token);
  }
  if (method.basic) {
    if (credential.username.empty()) return Secret();
    return BasicAuthorization(access.host, credential);
  }
  const TokenRequest request{access.host, method.realm, method.service, scopes};
  const absl::StatusOr<Secret> token = tokens_.Get(TokenKey(access, method, scopes), [&] {
    return FetchToken(transport_, request, credential, now_());
  });
  if (!token.ok()) return token.status();
  return BearerAuthorization(access.host, *token);
}

std::string Authorizer::TokenKey(const Access& access, const Method& method,
                                 const Scopes& scopes) const {
  return fmt::format("{}\n{}\n{}\n{}", access.host, method.realm.ToString(), method.service,
                     JoinScopes(scopes));
}

Scopes Authorizer::LearnedScopes(const Access& access) {
  const std::lock_guard lock(mutex_);
  const auto known = learned_.find({access.host, JoinScopes(access.scopes)});
  return known == learned_.end() ? access.scopes : known->second;
}

}  // namespace imglife
