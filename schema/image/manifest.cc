#include "schema/image/manifest.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include <fmt/format.h>

#include "schema/image/json_object.h"
#include "schema/image/media_type.h"
#include "schema/text/escape.h"
#include "schema/text/json_depth.h"

namespace imglife {
namespace {

// Real ones have about five levels.
constexpr int kMaxDepth = 64;

Platform PlatformOf(const JsonObject& json) {
  return {.os = json.Text("os"),
          .architecture = json.Text("architecture"),
          .variant = json.Text("variant"),
          .os_version = json.Text("os.version")};
}

Descriptor DescriptorOf(const JsonObject& json) {
  Descriptor descriptor{.media_type = json.RequiredText("mediaType"),
                        .digest = json.RequiredDigest("digest"),
                        .size = json.RequiredSize("size"),
                        .artifact_type = json.Text("artifactType"),
                        .platform = std::nullopt,
                        .annotations = json.TextMap("annotations"),
                        .urls = json.Texts("urls")};
  if (const auto platform = json.Object("platform")) descriptor.platform = PlatformOf(*platform);
  return descriptor;
}

std::vector<Descriptor> DescriptorsOf(const std::vector<JsonObject>& objects) {
  std::vector<Descriptor> descriptors;
  descriptors.reserve(objects.size());
  for (const JsonObject& object : objects) descriptors.push_back(DescriptorOf(object));
  return descriptors;
}

// A document that can be read as an index and as a manifest means different things to different
// readers (CVE-2021-41190; image-spec 1.1, manifest.md, `mediaType`).
void RefuseTheOtherKind(const JsonObject& json, bool is_index) {
  const std::string_view other = is_index ? "layers" : "manifests";
  if (json.Has(other)) {
    throw JsonFieldError(
        fmt::format("it has both `manifests` and `layers`, or the wrong of them "
                    "for its media type"));
  }
}

Manifest ManifestOf(std::string_view media_type, const JsonObject& json) {
  constexpr std::int64_t kSchemaVersion = 2;
  if (json.RequiredInteger("schemaVersion") != kSchemaVersion) {
    throw JsonFieldError("schemaVersion must be 2");
  }
  if (const std::string inside = json.Text("mediaType"); !inside.empty() && inside != media_type) {
    throw JsonFieldError(fmt::format("mediaType inside is `{}`, but it was served as `{}`",
                                     EscapeControl(inside), EscapeControl(media_type)));
  }
  Manifest manifest{.media_type = std::string(media_type),
                    .artifact_type = json.Text("artifactType"),
                    .is_index = media_type::IsIndex(media_type),
                    .annotations = json.TextMap("annotations")};
  RefuseTheOtherKind(json, manifest.is_index);
  if (manifest.is_index) {
    if (!json.Has("manifests")) throw JsonFieldError("manifests is missing");
    manifest.children = DescriptorsOf(json.Objects("manifests"));
  } else {
    manifest.config = DescriptorOf(json.RequiredObject("config"));
    manifest.layers = DescriptorsOf(json.Objects("layers"));
  }
  if (const auto subject = json.Object("subject")) manifest.subject = DescriptorOf(*subject);
  return manifest;
}

absl::Status RefuseManifest(std::string_view why) {
  return absl::InvalidArgumentError(fmt::format("the manifest can't be used: {}", why));
}

}  // namespace

std::vector<Descriptor> SortByDigest(std::vector<Descriptor> descriptors) {
  std::stable_sort(descriptors.begin(), descriptors.end(),
                   [](const Descriptor& a, const Descriptor& b) { return a.digest < b.digest; });
  const auto end =
      std::unique(descriptors.begin(), descriptors.end(),
                  [](const Descriptor& a, const Descriptor& b) { return a.digest == b.digest; });
  descriptors.erase(end, descriptors.end());
  return descriptors;
}

absl::StatusOr<Manifest> ParseManifest(std::string_view media_type, std::string_view content) {
  if (media_type::IsSchema1(media_type)) {
    return RefuseManifest(
        "it is in Docker's old schema 1; push the image again with a current client");
  }
  if (!media_type::IsIndex(media_type) && !media_type::IsManifest(media_type)) {
    return RefuseManifest(fmt::format("its media type `{}` is none of an image manifest or index",
                                      EscapeControl(media_type)));
  }
  if (static_cast<std::int64_t>(content.size()) > kMaxManifestBytes) {
    return RefuseManifest("it is larger than 8 MiB");
  }
  if (NestsDeeperThan(kMaxDepth, content)) return RefuseManifest("it is nested too deeply");
  const nlohmann::json json = nlohmann::json::parse(content, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return RefuseManifest("it is not JSON");
  try {
    return ManifestOf(media_type, JsonObject(json, ""));
  } catch (const JsonFieldError& error) {
    return RefuseManifest(error.message());
  }
}

}  // namespace imglife
