#include "providers/registry/registries.h"

#include <utility>

#include "providers/registry/forwarding_registry.h"

namespace imglife {
namespace {

class Registries : public ForwardingRegistry {
 public:
  Registries(std::unique_ptr<Registry> distribution, std::unique_ptr<Registry> ocidir)
      : distribution_(std::move(distribution)), ocidir_(std::move(ocidir)) {}

 private:
  Registry& Answering(const Repository& repository) override {
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
