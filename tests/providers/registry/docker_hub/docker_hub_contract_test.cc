// The suite that every registry must pass, on Debian's docker-registry in the place of docker.io.
#include "providers/http/curl_transport.h"
#include "providers/registry/distribution/distribution_registry.h"
#include "providers/registry/docker_hub/docker_hub_registry.h"
#include "tests/providers/registry/contract_suite.h"
#include "tests/support/docker_registry.h"

namespace imglife {
namespace {

class Anonymous : public CredentialSource {
 public:
  absl::StatusOr<Credential> For(const std::string&) override { return Credential(); }
};

class DockerHubWorld : public RegistryWorld {
 public:
  Registry& registry() override { return *registry_; }
  Repository At(const std::string& name) override {
    return {Repository::Kind::kDistribution, "docker.io", "contract/" + name};
  }
  bool TellsBlobsFromManifests() const override { return false; }

 private:
  DockerRegistry server_;
  Anonymous credentials_;
  const std::unique_ptr<Transport> transport_ = MakeCurlTransport({});
  const std::unique_ptr<Registry> registry_ = MakeDockerHubRegistry(
      MakeDistributionRegistry(*transport_, credentials_,
                               {.insecure_hosts = {}, .endpoints = {{"docker.io", server_.url()}}}),
      *transport_, credentials_, {.url = ""});
};

std::unique_ptr<RegistryWorld> MakeDockerHubWorld() {
  return std::make_unique<DockerHubWorld>();
}

INSTANTIATE_TEST_SUITE_P(DockerHub, RegistryContract, testing::Values(&MakeDockerHubWorld));

}  // namespace
}  // namespace imglife
