#include "tests/providers/registry/contract_suite.h"
#include "tests/support/fake_registry.h"

namespace imglife {
namespace {

class FakeWorld : public RegistryWorld {
 public:
  Registry& registry() override { return registry_; }
  Repository At(const std::string& name) override {
    return {Repository::Kind::kDistribution, "registry.example.com", name};
  }

 private:
  FakeRegistry registry_;
};

std::unique_ptr<RegistryWorld> MakeFakeWorld() {
  return std::make_unique<FakeWorld>();
}

INSTANTIATE_TEST_SUITE_P(Fake, RegistryContract, testing::Values(&MakeFakeWorld));

}  // namespace
}  // namespace imglife
