// What goes into the Authorization header of requests to registries.
//
// Thread safety: any number of threads may call; concurrent needs of one token share one request.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/clock.h"

#include "providers/auth/challenge.h"
#include "providers/auth/credentials.h"
#include "providers/auth/scope.h"
#include "providers/auth/token_cache.h"
#include "providers/auth/url.h"
#include "providers/transport.h"

namespace imglife {

// What a request needs access to.
struct Access {
  std::string host;  // as in Repository: credentials are looked up by it
  Url api;           // the server that is spoken to for it
  Scopes scopes;
};

class Authorizer {
 public:
  // Both must outlive the authorizer.
  Authorizer(Transport& transport, CredentialSource& credentials,
             std::function<absl::Time()> now = absl::Now);

  // Is the answer a challenge: 401, or 403 with error="insufficient_scope"?
  static bool IsChallenge(const HttpResponse& response);

  // For a first try, as the host's last challenge wanted it; empty while the host has challenged
  // nobody.
  absl::StatusOr<Secret> Before(const Access& access);

  // For the next try after a challenge to a request that carried `sent`. With `last`, only if the
  // challenge wants a scope that wasn't asked for. Unauthenticated (or PermissionDenied after a
  // 403) if there is nothing left to try: the message names the credential's source and what to
  // set.
  absl::StatusOr<Secret> After(const Access& access, const HttpResponse& challenged,
                               const Secret& sent, bool last);

  // What a refusal (403) of `doing` ("writing") there leaves to do, for the end of its message.
  std::string Advice(const std::string& host, std::string_view doing);
  // What is left to do once as many pulls were made there as it allows, likewise.
  std::string AdviceOnPullLimit(const std::string& host);
  // Who asks, for messages: "the credentials from /root/.docker/config.json", "somebody without
  // credentials".
  std::string Asker(const std::string& host);

 private:
  // Of hosts that have challenged nobody none, as they were sent none.
  std::optional<Credential> SentCredential(const std::string& host);

  // How a host wants to be answered.
  struct Method {
    bool basic = false;
    Url realm;
    std::string service;
  };

  // Looked for once per host, by one caller while the others wait: a helper is a program, and may
  // ask its user. What it failed with stays for as long as the authorizer lives.
  struct Lookup {
    std::mutex mutex;
    std::optional<absl::StatusOr<Credential>> found;
  };

  absl::StatusOr<Credential> CredentialFor(const std::string& host);
  absl::StatusOr<Method> MethodOf(const Access& access, const std::vector<Challenge>& challenges);
  absl::StatusOr<Secret> Value(const Access& access, const Method& method,
                               const Credential& credential, const Scopes& scopes);
  std::string TokenKey(const Access& access, const Method& method, const Scopes& scopes) const;
  Scopes LearnedScopes(const Access& access);

  Transport& transport_;
  CredentialSource& credentials_;
  const std::function<absl::Time()> now_;
  TokenCache tokens_;

  std::mutex mutex_;
  // A map's elements stay where they are.
  std::map<std::string, Lookup> credential_by_host_;
  std::map<std::string, Method> method_by_host_;
  // Where a challenge wanted more than was asked for: what to ask for instead, by host and scopes.
  std::map<std::pair<std::string, std::string>, Scopes> learned_;
};

}  // namespace imglife
