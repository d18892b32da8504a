#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "fmt/format.h"

#include "providers/eol/eol_sources.h"
#include "providers/eol/nearest_products.h"

namespace imglife {
namespace {

class LocalEolSource final : public EolSource {
 public:
  explicit LocalEolSource(EolData data) : data_(std::move(data)) {}

  absl::StatusOr<EolCycles> Fetch(const std::string& product) override {
    const auto found = data_.products.find(product);
    if (found != data_.products.end() && !found->second.empty()) return found->second;
    if (found != data_.products.end()) {
      return absl::FailedPreconditionError(
          fmt::format("the EOL data file lists no cycles for {}; write them there, or take the "
                      "product out",
                      product));
    }
    std::vector<std::string> names;
    for (const auto& [name, cycles] : data_.products) names.push_back(name);
    return absl::NotFoundError(fmt::format("the EOL data file has no product \"{}\"{}", product,
                                           NearestProducts(product, std::move(names))));
  }

 private:
  const EolData data_;
};

}  // namespace

std::unique_ptr<EolSource> MakeLocalEolSource(EolData data) {
  return std::make_unique<LocalEolSource>(std::move(data));
}

}  // namespace imglife
