// A Registry that hands on every question, the base of those that change or choose something: what
// they don't override is answered as if they weren't there.
//
// Who keeps something of the answers has to look at each new method of Registry: what is handed on
// may change what was kept.
//
// Thread safety: as Registry.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "providers/registry.h"

namespace imglife {

class ForwardingRegistry : public Registry {
 public:
  absl::StatusOr<TagList> ListTags(const Repository& repository) override;
  absl::StatusOr<std::map<std::string, TagDetails>> DescribeTags(
      const Repository& repository) override;
  absl::StatusOr<Resolved> Resolve(const Repository& repository,
                                   const std::string& tag_or_digest) override;
  absl::StatusOr<ManifestBytes> GetManifest(const Repository& repository,
                                            const std::string& tag_or_digest) override;
  absl::StatusOr<std::optional<PullBudget>> Budget(const Repository& repository,
                                                   const Digest& digest) override;
  absl::StatusOr<std::unique_ptr<ByteReader>> GetBlob(const Repository& repository,
                                                      const Descriptor& blob) override;
  absl::StatusOr<bool> BlobExists(const Repository& repository, const Digest& digest) override;
  absl::StatusOr<PushOutcome> PushBlob(const Repository& repository, const Descriptor& blob,
                                       const OpenBlob& open,
                                       const PushBlobOptions& options) override;
  absl::Status PutManifest(const Repository& repository, const std::string& tag_or_digest,
                           const ManifestBytes& manifest) override;
  absl::Status Untag(const Repository& repository, const std::string& tag,
                     const Digest& expected) override;
  absl::Status DeleteManifest(const Repository& repository, const Digest& digest) override;
  absl::StatusOr<std::vector<Descriptor>> ListReferrers(const Repository& repository,
                                                        const Digest& subject) override;
  absl::StatusOr<std::vector<Repository>> ListRepositories(const Repository& prefix) override;
  absl::StatusOr<Capabilities> Probe(const Repository& repository) override;

 protected:
  // Who answers for this repository, or for those below this prefix. Called from any thread.
  virtual Registry& Answering(const Repository& repository) = 0;
};

}  // namespace imglife
