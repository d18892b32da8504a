#include "providers/registry/docker_hub/docker_hub_registry.h"

#include <utility>

#include "providers/registry/docker_hub/hub_tags.h"
#include "providers/registry/forwarding_registry.h"
#include "schema/image/reference.h"

namespace imglife {
namespace {

std::string WithoutSlashes(std::string url) {
  while (!url.empty() && url.back() == '/') url.pop_back();
  return url;
}

class DockerHubRegistry : public ForwardingRegistry {
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

 private:
  Registry& Answering(const Repository&) override { return *registry_; }

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
