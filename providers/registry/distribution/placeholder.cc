#include "providers/registry/distribution/placeholder.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "schema/image/media_type.h"

namespace imglife {

std::string_view PlaceholderConfig() {
  return "{}";
}

ManifestBytes MakePlaceholder(std::string_view tag, std::string_view unique, bool docker) {
  using Json = nlohmann::json;
  constexpr std::string_view kDockerLayer = "application/vnd.docker.image.rootfs.diff.tar.gzip";
  const std::string_view config = docker ? media_type::kDockerConfig : media_type::kOciConfig;
  const std::string_view layer = docker ? kDockerLayer : media_type::kOciEmpty;
  const std::string_view manifest = docker ? media_type::kDockerManifest : media_type::kOciManifest;
  const auto descriptor = [](std::string_view type) {
    return Json{{"mediaType", std::string(type)},
                {"digest", Digest::OfBytes(PlaceholderConfig()).str()},
                {"size", PlaceholderConfig().size()}};
  };
  Json document;
  document["schemaVersion"] = 2;
  document["mediaType"] = std::string(manifest);
  document["config"] = descriptor(config);
  document["layers"] = Json::array({descriptor(layer)});
  document["annotations"][std::string(annotation::kPlaceholder)] =
      fmt::format("{} {}", tag, unique);

  ManifestBytes bytes;
  bytes.media_type = std::string(manifest);
  bytes.content = document.dump();
  bytes.digest = Digest::OfBytes(bytes.content);
  return bytes;
}

}  // namespace imglife
