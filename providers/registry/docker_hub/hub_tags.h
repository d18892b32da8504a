// All tags of a repository with their dates and digests, from Docker Hub's API.
#pragma once

#include <string>

#include "absl/status/statusor.h"

#include "providers/auth/credentials.h"
#include "providers/registry/docker_hub/hub_page.h"
#include "providers/transport.h"

namespace imglife {

struct HubApi {
  Transport& transport;
  CredentialSource& credentials;
  // "https://hub.docker.com", without a '/' at its end.
  std::string url;
};

// The first page, then all others at once where it says how many there are, then whatever the last
// one links to on the same host. Anonymous at first; where that is refused, or the repository isn't
// there for everybody, once more with the credentials of docker.io, which are exchanged for a token
// (POST /v2/auth/token) over TLS or loopback only and are sent nowhere else.
//
// A page that fails fails the list. NotFound: no such repository, for us. InvalidArgument: what
// came can't be understood, or goes on at another host; ResourceExhausted: no end in sight.
absl::StatusOr<DetailsByTag> FetchHubTags(const HubApi& api, const Repository& repository);

}  // namespace imglife
