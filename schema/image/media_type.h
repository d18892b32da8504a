// Media types of images (OCI image-spec 1.1, media-types.md; distribution's manifest v2 schema 2
// and 1).
#pragma once

#include <string_view>

namespace imglife::media_type {

inline constexpr std::string_view kOciIndex = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view kOciManifest = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view kOciConfig = "application/vnd.oci.image.config.v1+json";
inline constexpr std::string_view kOciLayerGzip = "application/vnd.oci.image.layer.v1.tar+gzip";
inline constexpr std::string_view kOciEmpty = "application/vnd.oci.empty.v1+json";
inline constexpr std::string_view kDockerList =
    "application/vnd.docker.distribution.manifest.list.v2+json";
inline constexpr std::string_view kDockerManifest =
    "application/vnd.docker.distribution.manifest.v2+json";
inline constexpr std::string_view kDockerConfig = "application/vnd.docker.container.image.v1+json";

// Of several platforms: an OCI index or a docker manifest list.
inline bool IsIndex(std::string_view type) {
  return type == kOciIndex || type == kDockerList;
}
// Of one platform: an OCI manifest or a docker schema 2 manifest.
inline bool IsManifest(std::string_view type) {
  return type == kOciManifest || type == kDockerManifest;
}

// Of docker's schema 1, signed or not (distribution's manifest v2 schema 1), which distribution 3
// no longer takes.
inline bool IsSchema1(std::string_view type) {
  return type == "application/vnd.docker.distribution.manifest.v1+json" ||
         type == "application/vnd.docker.distribution.manifest.v1+prettyjws";
}

}  // namespace imglife::media_type
