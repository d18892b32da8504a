// Manifests of a repository (distribution-spec 1.1, "Pulling manifests", "Pushing Manifests";
// protocol notes 3.2 and 3.3).
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "providers/registry.h"
#include "providers/registry/distribution/client.h"

namespace imglife {

// As Registry::Resolve, with a HEAD; with a GET where the server doesn't do HEAD or leaves out the
// digest or the media type.
absl::StatusOr<Resolved> ResolveManifest(Client& client, const Repository& repository,
                                         const std::string& tag_or_digest);

// As Registry::Budget: from the head of an answer to HEAD, which Docker Hub doesn't count.
absl::StatusOr<std::optional<PullBudget>> ReadPullBudget(Client& client,
                                                         const Repository& repository,
                                                         const Digest& digest);

// As Registry::GetManifest. InvalidArgument for any other media type that wasn't asked for, and
// where the body says another one than the answer's head. Docker Hub's refusal to count one more
// pull is Unavailable at once, with when to come back.
absl::StatusOr<ManifestBytes> FetchManifest(Client& client, const Repository& repository,
                                            const std::string& tag_or_digest);

// As Client::Send. That something isn't there is believed of the registry alone: a 404 that may be
// a proxy's (own_answer.h) counts only if the registry is there and says so again; Unavailable if
// it isn't there.
absl::StatusOr<HttpResponse> SendForOwnAnswer(Client& client, const Call& call);

// Stores the manifest under a tag or its digest. `before` is what the tag names (empty: nothing):
// if an answer fails to come, that is what a second request may replace. Aborted if it names
// something else by then. DataLoss if its bytes have another digest than it says, or if the
// registry stored it under another; FailedPrecondition if the registry misses a part of it. True if
// the registry took notice of the manifest's subject (OCI-Subject).
absl::StatusOr<bool> StoreManifest(Client& client, const Repository& repository,
                                   const std::string& tag_or_digest, const ManifestBytes& manifest,
                                   const Digest& before);

}  // namespace imglife
