// The suite that every registry must pass, on Debian's docker-registry.
#include "providers/http/curl_transport.h"
#include "providers/registry/distribution/distribution_registry.h"
#include "tests/providers/registry/contract_suite.h"
#include "tests/support/docker_registry.h"

namespace imglife {
namespace {

class Anonymous : public CredentialSource {
 public:
  absl::StatusOr<Credential> For(const std::string&) override { return Credential(); }
};

class DistributionWorld : public RegistryWorld {
 public:
  Registry& registry() override { return *registry_; }
  Repository At(const std::string& name) override { return server_.At("contract/" + name); }
  bool TellsBlobsFromManifests() const override { return false; }

 private:
  DockerRegistry server_;
  Anonymous credentials_;
  const std::unique_ptr<Transport> transport_ = MakeCurlTransport({});
  const std::unique_ptr<Registry> registry_ =
      MakeDistributionRegistry(*transport_, credentials_, {});
};

std::unique_ptr<RegistryWorld> MakeDistributionWorld() {
  return std::make_unique<DistributionWorld>();
}

INSTANTIATE_TEST_SUITE_P(Distribution, RegistryContract, testing::Values(&MakeDistributionWorld));

}  // namespace
}  // namespace imglife
