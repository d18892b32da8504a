#include "engine/observe/image_limits.h"

#include "fmt/format.h"

namespace imglife {

absl::Status TooManyParts(const Repository& repository, const std::string& image) {
  return absl::ResourceExhaustedError(
      fmt::format("{} {} leads to more than {} manifests, more than any image consists of; "
                  "remove it from the registry, or leave its tag out",
                  repository.ToString(), image, kMaxParts));
}

absl::Status TooDeep(const Repository& repository, const std::string& image, std::size_t limit) {
  return absl::ResourceExhaustedError(
      fmt::format("{} {} nests manifests more than {} deep, deeper than any image does; remove it "
                  "from the registry, or leave its tag out",
                  repository.ToString(), image, limit));
}

}  // namespace imglife
