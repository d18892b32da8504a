#include <array>
#include <cstdint>

#include "fmt/format.h"

#include "providers/registry.h"

namespace imglife {

absl::StatusOr<std::string> ReadSmallBlob(Registry& registry, const Repository& repository,
                                          const Descriptor& blob, std::size_t limit) {
  const auto too_large = [&] {
    return absl::ResourceExhaustedError(fmt::format(
        "{}@{} is larger than {} bytes", repository.ToString(), blob.digest.str(), limit));
  };
  if (blob.size > 0 && static_cast<std::uint64_t>(blob.size) > limit) return too_large();
  absl::StatusOr<std::unique_ptr<ByteReader>> reader = registry.GetBlob(repository, blob);
  if (!reader.ok()) return reader.status();
  std::string content;
  std::array<char, 16384> buffer{};
  for (;;) {
    const absl::StatusOr<std::size_t> count = (*reader)->Read(buffer.data(), buffer.size());
    if (!count.ok()) return count.status();
    if (*count == 0) return content;
    if (*count > limit - content.size()) return too_large();
    content.append(buffer.data(), *count);
  }
}

}  // namespace imglife
