#include "engine/observe/builder_needs.h"

#include "engine/observe/image_reference.h"

namespace imglife {

BuilderNeeds NeedsOf(const BuildSection& build, const BuildImage& image) {
  const auto is_layout = [](const Repository& repository) {
    return repository.kind == Repository::Kind::kOciDir;
  };
  return {.several_platforms = image.platforms.size() > 1,
          .sbom = image.sbom,
          .layouts = is_layout(image.mirror_image) || is_layout(ImageRepository(build, image))};
}

}  // namespace imglife
