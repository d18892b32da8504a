// Whose 404 is it? A proxy in front of a registry that is away (a restart, an ingress without its
// backend) answers 404 too: where absence is taken for an answer, it must be the registry's.
//
// Thread safety: any number of threads may call.
#pragma once

#include "absl/status/status.h"

#include "providers/registry/distribution/client.h"
#include "providers/transport.h"

namespace imglife {

// Does the body say in a registry's words what is wrong (distribution-spec 1.1, "Error Codes")?
bool HasErrorDocument(const HttpResponse& answer);

// Does the answer show that a registry gave it? By its head: Docker-Distribution-Api-Version is in
// every answer of docker-registry 2 and its descendants, also for paths that they don't know. Or by
// its error document.
bool IsOwnAnswer(const HttpResponse& answer);

// Asks for the base of the API, /v2/ (distribution-spec 1.1, "Determining Support"): OK if the
// registry of the repository answers there, Unavailable if something else does. `answer` is the one
// that may be a proxy's, and `about` what was asked for, a reference or the like.
absl::Status CheckIsThere(Client& client, const Repository& repository, const std::string& about,
                          const HttpResponse& answer);

}  // namespace imglife
