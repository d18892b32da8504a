// Where the images of build.images are pushed: build.registry, name and tag_format. Pure.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

#include "schema/config/config.h"
#include "schema/image/reference.h"

namespace imglife {

// The reference of an image. InvalidArgument if tag_format doesn't give a valid one.
absl::StatusOr<Reference> ImageReference(const BuildSection& build, const BuildImage& image,
                                         const std::string& mirror_tag, const std::string& version);

// Where an image's tags are. Known before its tag is, as tag_format's repository hardly ever
// depends on it.
Repository ImageRepository(const BuildSection& build, const BuildImage& image);

// "core", "spe", "spe-dev": as templates and labels say it.
std::string_view ImageTypeName(ImageType type);

}  // namespace imglife
