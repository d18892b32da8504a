#include "engine/observe/image_folder.h"

#include <utility>

#include "fmt/format.h"

#include "providers/files.h"

namespace imglife {

absl::StatusOr<ObservedContext> ReadImageFolder(const BuildImage& image) {
  const auto text = ReadFile(fmt::format("{}/{}", image.folder, image.tmpl));
  if (!text.ok()) return text.status();
  auto files = ReadContext(image.folder);
  if (!files.ok()) return files.status();
  return ObservedContext{.dockerfile_template = *text, .files = *std::move(files)};
}

}  // namespace imglife
