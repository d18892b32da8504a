#include "providers/registry/distribution/distribution_registry.h"

#include <utility>

#include <fmt/format.h>

#include "providers/registry/distribution/blob_push.h"
#include "providers/registry/distribution/blobs.h"
#include "providers/registry/distribution/catalog.h"
#include "providers/registry/distribution/client.h"
#include "providers/registry/distribution/deletion.h"
#include "providers/registry/distribution/manifest_push.h"
#include "providers/registry/distribution/manifests.h"
#include "providers/registry/distribution/part_turns.h"
#include "providers/registry/distribution/referrers.h"
#include "providers/registry/distribution/referrers_tags.h"
#include "providers/registry/distribution/tag_looks.h"
#include "providers/registry/distribution/tag_pages.h"

namespace imglife {
namespace {

class DistributionRegistry : public Registry {
 public:
  DistributionRegistry(Transport& transport, CredentialSource& credentials,
                       DistributionSettings settings)
      : client_(transport, credentials, std::move(settings)),
        deletion_(client_),
        referrers_(client_),
        pushes_(client_, turns_),
        referrers_tags_(client_, pushes_) {}

  absl::StatusOr<TagList> ListTags(const Repository& repository) override {
    return ListTagPages(client_, repository);
  }

  absl::StatusOr<std::map<std::string, TagDetails>> DescribeTags(
      const Repository& repository) override {
    return absl::UnimplementedError(
        fmt::format("{} doesn't tell when tags were pushed", repository.host));
  }

  absl::StatusOr<Resolved> Resolve(const Repository& repository,
                                   const std::string& tag_or_digest) override {
    absl::StatusOr<Resolved> resolved = ResolveManifest(client_, repository, tag_or_digest);
    looks_.Saw(repository, tag_or_digest,
               resolved.ok() ? absl::StatusOr<Digest>(resolved->digest) : resolved.status());
    return resolved;
  }

  absl::StatusOr<ManifestBytes> GetManifest(const Repository& repository,
                                            const std::string& tag_or_digest) override {
    return FetchManifest(client_, repository, tag_or_digest);
  }

  absl::StatusOr<std::optional<PullBudget>> Budget(const Repository& repository,
                                                   const Digest& digest) override {
    return ReadPullBudget(client_, repository, digest);
  }

  absl::StatusOr<std::unique_ptr<ByteReader>> GetBlob(const Repository& repository,
                                                      const Descriptor& blob) override {
    return OpenRemoteBlob(client_, repository, blob);
  }

  absl::StatusOr<bool> BlobExists(const Repository& repository, const Digest& digest) override {
    return HasRemoteBlob(client_, repository, digest);
  }

  absl::StatusOr<PushOutcome> PushBlob(const Repository& repository, const Descriptor& blob,
                                       const OpenBlob& open,
                                       const PushBlobOptions& options) override {
    const PartTurns::Turn turn = turns_.Take(repository, blob.digest, {});
    return PushRemoteBlob(client_, repository, blob, open, options);
  }

  absl::Status PutManifest(const Repository& repository, const std::string& tag_or_digest,
                           const ManifestBytes& manifest) override {
    const absl::StatusOr<bool> subject_noticed =
        pushes_.Push(repository, tag_or_digest, manifest, looks_.Last(repository, tag_or_digest));
    if (!subject_noticed.ok()) return subject_noticed.status();
    looks_.Saw(repository, tag_or_digest, manifest.digest);
    return *subject_noticed ? absl::OkStatus() : referrers_tags_.Add(repository, manifest);
  }

  absl::Status Untag(const Repository& repository, const std::string& tag,
                     const Digest& expected) override {
    return deletion_.Untag(repository, tag, expected);
  }

  absl::Status DeleteManifest(const Repository& repository, const Digest& digest) override {
    return deletion_.DeleteManifest(repository, digest);
  }

  absl::StatusOr<std::vector<Descriptor>> ListReferrers(const Repository& repository,
                                                        const Digest& subject) override {
    return referrers_.Fetch(repository, subject);
  }

  absl::StatusOr<std::vector<Repository>> ListRepositories(const Repository& prefix) override {
    return ListCatalog(client_, prefix);
  }

  absl::StatusOr<Capabilities> Probe(const Repository& repository) override {
    return deletion_.Probe(repository);
  }

 private:
  Client client_;
  Deletion deletion_;
  Referrers referrers_;
  PartTurns turns_;
  ManifestPushes pushes_;
  ReferrersTags referrers_tags_;
  TagLooks looks_;
};

}  // namespace

std::unique_ptr<Registry> MakeDistributionRegistry(Transport& transport,
                                                   CredentialSource& credentials,
                                                   DistributionSettings settings) {
  return std::make_unique<DistributionRegistry>(transport, credentials, std::move(settings));
}

}  // namespace imglife
