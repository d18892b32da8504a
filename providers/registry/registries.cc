#include "providers/registry/registries.h"

#include <utility>

namespace imglife {
namespace {

class Registries : public Registry {
 public:
  Registries(std::unique_ptr<Registry> distribution, std::unique_ptr<Registry> ocidir)
      : distribution_(std::move(distribution)), ocidir_(std::move(ocidir)) {}

  absl::StatusOr<TagList> ListTags(const Repository& repository) override {
    return Of(repository).ListTags(repository);
  }
  absl::StatusOr<std::map<std::string, TagDetails>> DescribeTags(
      const Repository& repository) override {
    return Of(repository).DescribeTags(repository);
  }
  absl::StatusOr<Resolved> Resolve(const Repository& repository,
                                   const std::string& tag_or_digest) override {
    return Of(repository).Resolve(repository, tag_or_digest);
  }
  absl::StatusOr<ManifestBytes> GetManifest(const Repository& repository,
                                            const std::string& tag_or_digest) override {
    return Of(repository).GetManifest(repository, tag_or_digest);
  }
  absl::StatusOr<std::optional<PullBudget>> Budget(const Repository& repository,
                                                   const Digest& digest) override {
    return Of(repository).Budget(repository, digest);
  }
  absl::StatusOr<std::unique_ptr<ByteReader>> GetBlob(const Repository& repository,
                                                      const Descriptor& blob) override {
    return Of(repository).GetBlob(repository, blob);
  }
  absl::StatusOr<bool> BlobExists(const Repository& repository, const Digest& digest) override {
    return Of(repository).BlobExists(repository, digest);
  }
  absl::StatusOr<PushOutcome> PushBlob(const Repository& repository, const Descriptor& blob,
                                       const OpenBlob& open,
                                       const PushBlobOptions& options) override {
    return Of(repository).PushBlob(repository, blob, open, options);
  }
  absl::Status PutManifest(const Repository& repository, const std::string& tag_or_digest,
                           const ManifestBytes& manifest) override {
    return Of(repository).PutManifest(repository, tag_or_digest, manifest);
  }
  absl::Status Untag(const Repository& repository, const std::string& tag) override {
    return Of(repository).Untag(repository, tag);
  }
  absl::Status DeleteManifest(const Repository& repository, const Digest& digest) override {
    return Of(repository).DeleteManifest(repository, digest);
  }
  absl::StatusOr<std::vector<Descriptor>> ListReferrers(const Repository& repository,
                                                        const Digest& subject) override {
    return Of(repository).ListReferrers(repository, subject);
  }
  absl::StatusOr<std::vector<Repository>> ListRepositories(const Repository& prefix) override {
    return Of(prefix).ListRepositories(prefix);
  }
  absl::StatusOr<Capabilities> Probe(const Repository& repository) override {
    return Of(repository).Probe(repository);
  }

 private:
  Registry& Of(const Repository& repository) {
    return repository.kind == Repository::Kind::kOciDir ? *ocidir_ : *distribution_;
  }

  const std::unique_ptr<Registry> distribution_;
  const std::unique_ptr<Registry> ocidir_;
};

}  // namespace

std::unique_ptr<Registry> MakeRegistries(std::unique_ptr<Registry> distribution,
                                         std::unique_ptr<Registry> ocidir) {
  return std::make_unique<Registries>(std::move(distribution), std::move(ocidir));
}

}  // namespace imglife
