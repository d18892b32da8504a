#include "engine/observe/base_platforms.h"

#include "fmt/format.h"

#include "engine/observe/read_images.h"
#include "schema/image/placeholder.h"

namespace imglife {
namespace {

absl::StatusOr<Manifest> ParseBase(const Repository& repository, const ManifestBytes& bytes) {
  auto manifest = ParseManifest(bytes.media_type, bytes.content);
  if (manifest.ok()) return manifest;
  return absl::InvalidArgumentError(fmt::format("the manifest of {} {} is not valid: {}",
                                                repository.ToString(), bytes.digest.str(),
                                                std::string(manifest.status().message())));
}

absl::StatusOr<Platform> PlatformOfConfig(RegistryMemo& registry, const Repository& repository,
                                          const Manifest& manifest) {
  if (manifest.is_index || !HasImageConfig(manifest)) return Platform();
  const auto content = registry.GetConfig(repository, manifest.config);
  if (!content.ok()) return content.status();
  const auto config = ParseImageConfig(*content);
  if (config.ok()) return config->platform;
  return absl::InvalidArgumentError(fmt::format("the config {} in {} is not valid: {}",
                                                manifest.config.digest.str(), repository.ToString(),
                                                std::string(config.status().message())));
}

absl::StatusOr<Platform> PlatformOfChild(RegistryMemo& registry, const Repository& repository,
                                         const Descriptor& child) {
  if (child.platform) return *child.platform;
  const auto bytes = registry.GetManifest(repository, child.digest.str());
  if (!bytes.ok()) return bytes.status();
  const auto manifest = ParseBase(repository, *bytes);
  if (!manifest.ok()) return manifest.status();
  return PlatformOfConfig(registry, repository, *manifest);
}

}  // namespace

absl::StatusOr<std::vector<Platform>> ReadPlatforms(RegistryMemo& registry,
                                                    const Repository& repository,
                                                    const ManifestBytes& manifest) {
  const auto parsed = ParseBase(repository, manifest);
  if (!parsed.ok()) return parsed.status();
  if (!PlaceholderOf(*parsed, manifest.digest).empty()) {
    return absl::FailedPreconditionError(fmt::format("{}@{} is no image, but {}",
                                                     repository.ToString(), manifest.digest.str(),
                                                     kPlaceholderAdvice));
  }
  if (!parsed->is_index) {
    auto only = PlatformOfConfig(registry, repository, *parsed);
    if (!only.ok()) return only.status();
    return std::vector{*std::move(only)};
  }
  std::vector<Platform> platforms;
  for (const Descriptor& child : parsed->children) {
    auto platform = PlatformOfChild(registry, repository, child);
    if (!platform.ok()) return platform.status();
    if (!platform->IsUnknown()) platforms.push_back(*std::move(platform));
  }
  return platforms;
}

}  // namespace imglife
