// Who we are to a registry. Order of sources (registry.md): IMGLIFE_HOST_*, GitLab CI variables for
// $CI_REGISTRY, REGISTRY_AUTH_FILE, docker's config.json with credential helpers, anonymous. Where
// IMGLIFE_REGISTRY_ENDPOINT_HOST speaks to another server instead of HOST, the credentials are
// still those of HOST.
//
// Thread safety: any number of threads may call.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"

#include "providers/process.h"
#include "providers/secret.h"
#include "schema/config/read_config.h"

namespace imglife {

struct Credential {
  std::string username;
  Secret password;
  // An OAuth2 refresh token (docker config's identitytoken, or the password of user "<token>").
  Secret identity_token;
  // A ready bearer token (IMGLIFE_HOST_TOKEN, docker config's registrytoken).
  Secret bearer_token;
  // "IMGLIFE_DOCKER_IO_USERNAME", "CI_REGISTRY_PASSWORD", "/root/.docker/config.json", "anonymous":
  // for people.
  std::string source;

  bool anonymous() const {
    return username.empty() && identity_token.empty() && bearer_token.empty();
  }
};

// The credential of a user name and a password, or of "<token>" and an identity token.
Credential LoginAs(std::string username, std::string password, std::string source);

class CredentialSource {
 public:
  virtual ~CredentialSource() = default;
  // For a host as in Repository ("docker.io", "registry.example.com:5000"). Anonymous if none is
  // known; an error if the source that should have it can't be read (a broken config.json, a helper
  // that fails).
  virtual absl::StatusOr<Credential> For(const std::string& host) = 0;
};

// "IMGLIFE_DOCKER_IO" for "docker.io": the host in upper case, '_' for everything but letters and
// digits. The variables are this with _USERNAME and _PASSWORD, or with _TOKEN.
std::string CredentialVariable(const std::string& host);

// `processes` runs credential helpers and must outlive the result.
std::unique_ptr<CredentialSource> MakeCredentialSource(const Environment& environment,
                                                       ProcessRunner& processes);

}  // namespace imglife
