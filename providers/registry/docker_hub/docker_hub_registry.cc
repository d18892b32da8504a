#include "providers/registry/docker_hub/docker_hub_registry.h"

#include <utility>

#include "providers/registry/docker_hub/hub_tags.h"
#include "schema/image/reference.h"

namespace imglife {
namespace {

std::string WithoutSlashes(std::string url) {
  while (!url.empty() && url.back() == '/') url.pop_back();
  return url;
}

class DockerHubRegistry : public Registry {
 public:
  DockerHubRegistry(std::unique_ptr<Registry> registry, Transport& transport,
                    CredentialSource& credentials, DockerHubSettings settings)
      : registry_(std::move(registry)),
        api_{transport, credentials, WithoutSlashes(std::move(settings.url))} {}

  absl::StatusOr<DetailsByTag> DescribeTags(const Repository& repository) override {
    if (repository.host != kDockerHub) return registry_->DescribeTags(repository);
    if (api_.url.empty()) {
      return absl::UnimplementedError(
          "Docker Hub's API isn't asked, since IMGLIFE_REGISTRY_ENDPOINT_DOCKER_IO stands for "
          "docker.io; set IMGLIFE_DOCKER_HUB_URL to ask it all the same");
    }
    return FetchHubTags(api_, repository);
  }

  absl::StatusOr<TagList> ListTags(const Repository& repository) override {
    return registry_->ListTags(repository);
  }
  absl::StatusOr<Resolved> Resolve(const Repository& repository,
                                   const std::string& tag_or_digest) override {
    return registry_->Resolve(repository, tag_or_digest);
  }
  absl::StatusOr<ManifestBytes> GetManifest(const Repository& repository,
                                            const std::string& tag_or_digest) override {
    return registry_->GetManifest(repository, tag_or_digest);
  }
  absl::StatusOr<std::optional<PullBudget>> Budget(const Repository& repository,
                                                   const Digest& digest) override {
    return registry_->Budget(repository, digest);
  }
  absl::StatusOr<std::unique_ptr<ByteReader>> GetBlob(const Repository& repository,
                                                      const Descriptor& blob) override {
    return registry_->GetBlob(repository, blob);
  }
  absl::StatusOr<bool> BlobExists(const Repository& repository, const Digest& digest) override {
    return registry_->BlobExists(repository, digest);
  }
  absl::StatusOr<PushOutcome> PushBlob(const Repository& repository, const Descriptor& blob,
                                       const OpenBlob& open,
                                       const PushBlobOptions& options) override {
    return registry_->PushBlob(repository, blob, open, options);
  }
  absl::Status PutManifest(const Repository& repository, const std::string& tag_or_digest,
                           const ManifestBytes& manifest) override {
    return registry_->PutManifest(repository, tag_or_digest, manifest);
  }
  absl::Status Untag(const Repository& repository, const std::string& tag) override {
    return registry_->Untag(repository, tag);
  }
  absl::Status DeleteManifest(const Repository& repository, const Digest& digest) override {
    return registry_->DeleteManifest(repository, digest);
  }
  absl::StatusOr<std::vector<Descriptor>> ListReferrers(const Repository& repository,
                                                        const Digest& subject) override {
    return registry_->ListReferrers(repository, subject);
  }
  absl::StatusOr<std::vector<Repository>> ListRepositories(const Repository& prefix) override {
    return registry_->ListRepositories(prefix);
  }
  absl::StatusOr<Capabilities> Probe(const Repository& repository) override {
    return registry_->Probe(repository);
  }

 private:
  const std::unique_ptr<Registry> registry_;
  const HubApi api_;
};

}  // namespace

std::unique_ptr<Registry> MakeDockerHubRegistry(std::unique_ptr<Registry> registry,
                                                Transport& transport, CredentialSource& credentials,
                                                DockerHubSettings settings) {
  return std::make_unique<DockerHubRegistry>(std::move(registry), transport, credentials,
                                             std::move(settings));
}

}  // namespace imglife
