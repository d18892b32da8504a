#include "engine/cli/context_outputs.h"

#include <filesystem>
#include <optional>
#include <system_error>

#include "fmt/format.h"

#include "providers/build_context.h"
#include "providers/file_identity.h"

namespace imglife {
namespace {

std::optional<HeldOutput> Held(const BuildImage& image, const OutputFile& output,
                               const std::string& to_ignore) {
  const auto path = PathWithin(output.path, image.folder);
  if (!path) return std::nullopt;
  const auto ignore = ReadDockerIgnore(image.folder);
  if (!ignore.ok() || ignore->Ignores(*path)) return std::nullopt;
  return HeldOutput{
      image.rule,
      fmt::format("{} lies in the folder that the image is built from ({}), so each run would "
                  "change the image; add {} to {}/.dockerignore, or choose another place",
                  output.name, image.folder_as_written, to_ignore.empty() ? *path : to_ignore,
                  image.folder_as_written)};
}

std::optional<HeldOutput> FirstHeld(const BuildImage& image,
                                    const std::vector<OutputFile>& outputs) {
  for (const OutputFile& output : outputs) {
    if (auto held = Held(image, output, "")) return held;
  }
  return std::nullopt;
}

}  // namespace

std::vector<HeldOutput> FindHeldOutputs(const Config& config,
                                        const std::vector<OutputFile>& outputs) {
  std::vector<HeldOutput> found;
  if (!config.build) return found;
  for (const BuildImage& image : config.build->images) {
    if (auto held = FirstHeld(image, outputs)) found.push_back(*std::move(held));
  }
  return found;
}

std::vector<HeldOutput> FindHeldRepositories(const Config& config) {
  std::vector<HeldOutput> found;
  if (!config.build) return found;
  for (const BuildImage& image : config.build->images) {
    const std::string head = image.folder + "/.git/HEAD";
    std::error_code unreadable;
    if (!std::filesystem::exists(head, unreadable)) continue;
    if (auto held = Held(image, {"a Git repository", head}, ".git")) {
      found.push_back(*std::move(held));
    }
  }
  return found;
}

}  // namespace imglife
