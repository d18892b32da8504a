// The suite that every registry must pass, with a cache in front of the fake and of Debian's
// docker-registry.
#include <stdexcept>

#include "providers/auth/credentials.h"
#include "providers/files.h"
#include "providers/http/curl_transport.h"
#include "providers/registry/cache/cached_registry.h"
#include "providers/registry/distribution/distribution_registry.h"
#include "tests/providers/registry/contract_suite.h"
#include "tests/support/docker_registry.h"
#include "tests/support/fake_registry.h"

namespace imglife {
namespace {

class Anonymous : public CredentialSource {
 public:
  absl::StatusOr<Credential> For(const std::string&) override { return Credential(); }
};

class OwnCache {
 public:
  ContentCache& cache() { return cache_; }

 private:
  static TemporaryDirectory NewDirectory() {
    auto directory = TemporaryDirectory::Create("imglife-cache");
    if (!directory.ok()) throw std::runtime_error(directory.status().ToString());
    return *std::move(directory);
  }

  TemporaryDirectory directory_ = NewDirectory();
  ContentCache cache_{ContentCache::Settings{.directory = directory_.path()}};
};

class CachedFakeWorld : public RegistryWorld {
 public:
  Registry& registry() override { return *registry_; }
  Repository At(const std::string& name) override {
    return {Repository::Kind::kDistribution, "registry.example.com", name};
  }

 private:
  OwnCache own_;
  FakeRegistry fake_;
  const std::unique_ptr<Registry> registry_ = MakeCachedRegistry(fake_, own_.cache());
};

class CachedServerWorld : public RegistryWorld {
 public:
  Registry& registry() override { return *registry_; }
  Repository At(const std::string& name) override { return server_.At("contract/" + name); }
  bool TellsBlobsFromManifests() const override { return false; }

 private:
  OwnCache own_;
  DockerRegistry server_;
  Anonymous credentials_;
  const std::unique_ptr<Transport> transport_ = MakeCurlTransport({});
  const std::unique_ptr<Registry> remote_ = MakeDistributionRegistry(*transport_, credentials_, {});
  const std::unique_ptr<Registry> registry_ = MakeCachedRegistry(*remote_, own_.cache());
};

template <typename World>
std::unique_ptr<RegistryWorld> Make() {
  return std::make_unique<World>();
}

INSTANTIATE_TEST_SUITE_P(CachedFake, RegistryContract, testing::Values(&Make<CachedFakeWorld>));
INSTANTIATE_TEST_SUITE_P(CachedServer, RegistryContract, testing::Values(&Make<CachedServerWorld>));

}  // namespace
}  // namespace imglife
