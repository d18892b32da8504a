// What refers to a manifest (distribution-spec 1.1, "Listing Referrers" and "Referrers Tag
// Schema"; protocol notes 3.3).
#pragma once

#include <map>
#include <mutex>
#include <optional>
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

  // As Registry::ListReferrers: the API, and where there is none the tag sha256-HEX; nothing refers
  // to the manifest where neither exists (IsSubjectItself).
  //
  // An empty list lets things be deleted. So that there is no API is believed of these answers
  // only:
  // - 404 (distribution-spec 1.1, "Listing Referrers"), if it is the registry's own (own_answer.h),
  //   or was given twice, and in between the registry was seen to be there. Where it was 404 as
  //   servers give it that don't know the path (no error document: docker-registry 2.8), the API
  //   isn't asked about that repository again.
  // - 406 (Artifactory in 2024, go-containerregistry#1962 and #2026: what it can't give, RFC 9110,
  //   15.5.7), 400 and 405 (go-containerregistry and RFC 9110, 15.5.6), if it is the registry's
  //   own: a rule of a proxy that lets no such path through answers so each time, however often it
  //   is asked.
  // These three only where the API has given no list of that repository before; and as they may
  // be about the one question, the API is asked again about each further manifest. They are errors
  // elsewhere, as any other answer is. Unavailable if the registry was seen not to be there.
  absl::StatusOr<std::vector<Descriptor>> Fetch(const Repository& repository,
                                                const Digest& subject);

 private:
  // In the order in which the registry has them.
  absl::StatusOr<std::vector<Descriptor>> FetchAsListed(const Repository& repository,
                                                        const Digest& subject);
  // Nothing is known before the API has given a list, or it was seen that there is none; what was
  // seen first stays.
  std::optional<bool> HasApi(const Repository& repository);
  void NoteApi(const Repository& repository, bool exists);

  Client& client_;
  std::mutex mutex_;
  std::map<Repository, bool> has_api_;
};

// "sha256-HEX", as the tag schema cuts it.
std::string ReferrersTag(const Digest& subject);

// Is that what the tag of the subject's referrers was answered with: the subject, and no list?
// GitLab (registry.gitlab.com, 2026-09: oras-go#1396, oras#2148) takes "sha256-HEX" for the digest
// sha256:HEX. There is no list then.
bool IsSubjectItself(const ManifestBytes& answer, const Digest& subject);

}  // namespace imglife
