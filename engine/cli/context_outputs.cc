#include "engine/cli/context_outputs.h"

#include <filesystem>
#include <optional>
#include <system_error>

#include "fmt/format.h"

#include "engine/plan/words.h"
#include "providers/build_context.h"
#include "providers/file_identity.h"

namespace imglife {
namespace {

absl::Status IsInput(const Config& config, const BuildImage& image, const std::string& what,
                     const std::string& path) {
  return absl::FailedPreconditionError(fmt::format(
      "{}: {} lies in the folder that the image is built from ({}), so each run would change the "
      "image; add {} to {}/.dockerignore, or choose another place",
      PlaceText(config, image.rule), what, image.folder_as_written, path, image.folder_as_written));
}

absl::Status CheckContext(const Config& config, const BuildImage& image, const OutputFile& output) {
  const auto path = PathWithin(output.path, image.folder);
  if (!path) return absl::OkStatus();
  const auto ignore = ReadDockerIgnore(image.folder);
  if (!ignore.ok() || ignore->Ignores(*path)) return absl::OkStatus();
  return IsInput(config, image, output.name, *path);
}

}  // namespace

absl::Status CheckContextsHoldNoOutput(const Config& config,
                                       const std::vector<OutputFile>& outputs) {
  if (!config.build) return absl::OkStatus();
  for (const BuildImage& image : config.build->images) {
    for (const OutputFile& output : outputs) {
      absl::Status checked = CheckContext(config, image, output);
      if (!checked.ok()) return checked;
    }
  }
  return absl::OkStatus();
}

absl::Status CheckContextsHoldNoRepository(const Config& config) {
  if (!config.build) return absl::OkStatus();
  for (const BuildImage& image : config.build->images) {
    const std::string path = image.folder + "/.git";
    std::error_code unreadable;
    if (!std::filesystem::exists(path, unreadable)) continue;
    absl::Status checked = CheckContext(config, image, {"a Git repository", path});
    if (!checked.ok()) return checked;
  }
  return absl::OkStatus();
}

}  // namespace imglife
