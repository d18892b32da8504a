// The folder that an image of build.images is made from.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "providers/build_context.h"
#include "schema/config/config.h"

namespace imglife {

// The files of an image's folder.
struct ObservedContext {
  std::string dockerfile_template;
  std::vector<ContextFile> files;
};

// The template and the files of an image's folder. NotFound names the missing one.
absl::StatusOr<ObservedContext> ReadImageFolder(const BuildImage& image);

}  // namespace imglife
