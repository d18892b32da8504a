// What refers to a manifest (distribution-spec 1.1, "Listing Referrers" and "Referrers Tag
// Schema"; protocol notes 3.3).
#pragma once

#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "providers/registry.h"
#include "providers/registry/distribution/client.h"

namespace imglife {

// Thread safety: any number of threads may call.
class Referrers {
 public:
  explicit Referrers(Client& client) : client_(client) {}

  // As Registry::ListReferrers: the API, and where it answers 404 the tag sha256-HEX; nothing
  // refers to the manifest where neither exists (IsSubjectItself). Each 404 is the registry's own
  // (own_answer.h), or was given twice, and in between the registry was seen to be there:
  // Unavailable if it wasn't. Where it was 404 as servers give it that don't know the path (no
  // error document: docker-registry 2.8), the API isn't asked about that repository again.
  absl::StatusOr<std::vector<Descriptor>> Fetch(const Repository& repository,
                                                const Digest& subject);

 private:
  // In the order in which the registry has them.
  absl::StatusOr<std::vector<Descriptor>> FetchAsListed(const Repository& repository,
                                                        const Digest& subject);
  bool LacksApi(const Repository& repository);
  void NoteLacksApi(const Repository& repository);

  Client& client_;
  std::mutex mutex_;
  std::set<Repository> without_api_;
};

// "sha256-HEX", as the tag schema cuts it.
std::string ReferrersTag(const Digest& subject);

// Is that what the tag of the subject's referrers was answered with: the subject, and no list?
// GitLab (registry.gitlab.com, 2026-09: oras-go#1396, oras#2148) takes "sha256-HEX" for the digest
// sha256:HEX. There is no list then.
bool IsSubjectItself(const ManifestBytes& answer, const Digest& subject);

}  // namespace imglife
