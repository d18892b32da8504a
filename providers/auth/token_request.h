// Getting a token from a token server (distribution, "Token Authentication Specification" and
// "OAuth2 Token Authentication"; protocol notes 3.1).
#pragma once

#include <string>

#include "absl/status/statusor.h"

#include "providers/auth/credentials.h"
#include "providers/auth/scope.h"
#include "providers/auth/token_cache.h"
#include "providers/auth/url.h"
#include "providers/transport.h"

namespace imglife {

struct TokenRequest {
  std::string host;  // the registry, for messages
  Url realm;
  std::string service;
  Scopes scopes;
};

// With an identity token the refresh-token flow (POST), else GET with Basic credentials or none.
// Unauthenticated if the server refuses: the message names the credential's source and what to set.
// Unavailable if it can't be asked; InvalidArgument if it doesn't answer with a token.
absl::StatusOr<Token> FetchToken(Transport& transport, const TokenRequest& request,
                                 const Credential& credential, absl::Time now);

// "Basic …". InvalidArgument for a user name with a colon, which Basic can't carry.
absl::StatusOr<Secret> BasicAuthorization(const std::string& host, const Credential& credential);
// "Bearer …". InvalidArgument for a token that can't be in a header.
absl::StatusOr<Secret> BearerAuthorization(const std::string& host, const Secret& token);

// "… refuses anonymous access with …; set …" or "… refused the credentials from … with …; …": how a
// refusal by `who` of what is for `host` is put to people.
std::string RefusalMessage(const std::string& who, const std::string& host,
                           const Credential& credential, const HttpResponse& refusal);

}  // namespace imglife
