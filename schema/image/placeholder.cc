#include "schema/image/placeholder.h"

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

std::string PlaceholderOf(const Manifest& manifest, const Digest& digest) {
  const auto note = manifest.annotations.find(std::string(annotation::kPlaceholder));
  if (note == manifest.annotations.end()) return "";
  const std::string_view text = note->second;
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return "";
  const std::string_view tag = text.substr(0, space);
  const bool docker = manifest.media_type == media_type::kDockerManifest;
  const ManifestBytes made = MakePlaceholder(tag, text.substr(space + 1), docker);
  return made.digest == digest ? std::string(tag) : "";
}

}  // namespace imglife
