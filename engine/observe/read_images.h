// Reads many images at once, level by level: manifests, then the children of indexes and theirs,
// then configs, so that latency is paid three times (for an index of images) and not once for each
// image.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "engine/observe/observed.h"
#include "engine/observe/registry_memo.h"

namespace imglife {

struct ImageQuestion {
  Repository repository;
  std::string tag_or_digest;
  // Configs give dates and labels; sizes and platforms are known without.
  bool with_configs = true;

  friend auto operator<=>(const ImageQuestion&, const ImageQuestion&) = default;
};

// Is the config that the manifest names that of an image, and not of some other artifact?
bool HasImageConfig(const Manifest& manifest);

// The image is there, but not all of it: that is not the same as an image that isn't there.
absl::Status NotComplete(const Reference& image, const Digest& part);

// One answer for each question, in order. NotFound: the tag isn't there.
std::vector<absl::StatusOr<ObservedImage>> ReadImages(RegistryMemo& registry,
                                                      const std::vector<ImageQuestion>& questions);

// The same for one image, with configs.
absl::StatusOr<ObservedImage> ReadImage(RegistryMemo& registry, const Repository& repository,
                                        const std::string& tag_or_digest);

}  // namespace imglife
