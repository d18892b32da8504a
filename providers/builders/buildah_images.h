// What buildah says of the images in a store, and whether a build for one platform may have used
// them. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#include "providers/builders/named_platforms.h"
#include "schema/image/platform.h"

namespace imglife {

// An image in a store.
struct StoredImage {
  std::string id;                  // "sha256:HEX"
  std::vector<std::string> names;  // empty for one that lost its name to another
};

// What `buildah images --all --json --no-trunc` prints. InvalidArgument: it is something else.
absl::StatusOr<std::vector<StoredImage>> ParseBuildahImages(std::string_view text);

struct BuildahImage {
  Platform platform;                // as its config says; parts that this doesn't tell are empty
  std::vector<std::string> layers;  // diff IDs, the lowest first
  std::string name;                 // for messages; may be empty
};

// For `buildah inspect --type image --format`.
inline constexpr std::string_view kBuildahImageFormat =
    "{{.OCIv1.OS}}|{{.OCIv1.Architecture}}|{{.OCIv1.Variant}}|{{.OCIv1.RootFS.DiffIDs}}";

// What buildah prints for that format, without a name. InvalidArgument: it is something else.
absl::StatusOr<BuildahImage> ParseBuildahImage(std::string_view text);

// `sources` are all images of others that the store got for this build. InvalidArgument: the result
// isn't for `platform`, stands on an image for another one, or was made with an image for a
// platform that the Dockerfile asks for nowhere. A config without a variant may be for any.
absl::Status CheckPlatforms(const Platform& platform, const NamedPlatforms& named,
                            const BuildahImage& result, const std::vector<BuildahImage>& sources);

}  // namespace imglife
