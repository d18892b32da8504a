#include "providers/builders/buildah_images.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace imglife {
namespace {

bool MayBeFor(const Platform& wanted, const Platform& image) {
  if (image.os.empty() || image.architecture.empty()) return true;
  Platform stated = wanted;
  if (image.variant.empty()) stated.variant.clear();
  return stated.Accepts(image);
}

bool IsAsked(const Platform& platform, const NamedPlatforms& named, const Platform& image) {
  return !named.all_told || MayBeFor(platform, image) ||
         std::any_of(named.others.begin(), named.others.end(),
                     [&image](const Platform& other) { return MayBeFor(other, image); });
}

bool StandsOn(const BuildahImage& result, const BuildahImage& image) {
  return !image.layers.empty() && image.layers.size() <= result.layers.size() &&
         std::equal(image.layers.begin(), image.layers.end(), result.layers.begin());
}

std::string Called(const BuildahImage& image) {
  return image.name.empty() ? "an image" : image.name;
}

constexpr std::string_view kWhatToDo =
    "name an image that has this platform, or leave it out of the image's platforms";

absl::Status CheckFoundation(const Platform& platform, const BuildahImage& result,
                             const std::vector<BuildahImage>& sources) {
  const BuildahImage* other = nullptr;
  for (const BuildahImage& image : sources) {
    if (!StandsOn(result, image)) continue;
    // Images of several platforms may have the same layers.
    if (MayBeFor(platform, image.platform)) return absl::OkStatus();
    other = &image;
  }
  if (other == nullptr) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("it stands on {}, which is for {}; {}",
                                                Called(*other), other->platform.ToString(),
                                                kWhatToDo));
}

}  // namespace

absl::StatusOr<std::vector<StoredImage>> ParseBuildahImages(std::string_view text) {
  const auto json = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  const absl::Status unknown =
      absl::InvalidArgumentError("`buildah images --json` says something unknown");
  if (!json.is_array()) return unknown;
  std::vector<StoredImage> images;
  for (const auto& entry : json) {
    if (!entry.is_object() || !entry.contains("id") || !entry["id"].is_string()) return unknown;
    StoredImage image{.id = entry["id"].get<std::string>(), .names = {}};
    for (const auto& name : entry.value("names", nlohmann::json())) {
      if (!name.is_string()) return unknown;
      image.names.push_back(name.get<std::string>());
    }
    images.push_back(std::move(image));
  }
  return images;
}

absl::StatusOr<BuildahImage> ParseBuildahImage(std::string_view text) {
  const std::vector<std::string> fields =
      absl::StrSplit(absl::StripAsciiWhitespace({text.data(), text.size()}), '|');
  const bool whole = fields.size() == 4 && fields[3].size() >= 2 && fields[3].front() == '[' &&
                     fields[3].back() == ']';
  if (!whole) return absl::InvalidArgumentError("`buildah inspect` says something unknown");
  BuildahImage image;
  image.platform = {.os = fields[0], .architecture = fields[1], .variant = fields[2]};
  image.layers = absl::StrSplit(fields[3].substr(1, fields[3].size() - 2), ' ', absl::SkipEmpty());
  return image;
}

absl::Status CheckPlatforms(const Platform& platform, const NamedPlatforms& named,
                            const BuildahImage& result, const std::vector<BuildahImage>& sources) {
  if (!platform.Accepts(result.platform)) {
    return absl::InvalidArgumentError(
        fmt::format("its config says that it is for {}", result.platform.ToString()));
  }
  for (const BuildahImage& image : sources) {
    if (IsAsked(platform, named, image.platform)) continue;
    return absl::InvalidArgumentError(fmt::format(
        "{} is for {}; {}, or write FROM --platform={} where that is meant", Called(image),
        image.platform.ToString(), kWhatToDo, image.platform.ToString()));
  }
  return CheckFoundation(platform, result, sources);
}

}  // namespace imglife
