#include "providers/files.h"
#include "providers/registry/ocidir/ocidir_registry.h"
#include "tests/providers/registry/contract_suite.h"

namespace imglife {
namespace {

class OciDirWorld : public RegistryWorld {
 public:
  Registry& registry() override { return *registry_; }
  Repository At(const std::string& name) override {
    return {Repository::Kind::kOciDir, "", "layouts/" + name};
  }

 private:
  const TemporaryDirectory directory_ = TemporaryDirectory::Create("ocidir-contract-").value();
  std::unique_ptr<Registry> registry_ = MakeOciDirRegistry(directory_.path());
};

std::unique_ptr<RegistryWorld> MakeOciDirWorld() {
  return std::make_unique<OciDirWorld>();
}

INSTANTIATE_TEST_SUITE_P(OciDir, RegistryContract, testing::Values(&MakeOciDirWorld));

}  // namespace
}  // namespace imglife
