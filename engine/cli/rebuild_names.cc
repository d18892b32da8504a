#include "engine/cli/rebuild_names.h"

#include <algorithm>

#include "fmt/format.h"
#include "fmt/ranges.h"

#include "engine/plan/filter.h"
#include "schema/text/suggest.h"

namespace imglife {
namespace {

constexpr std::size_t kMostNamed = 5;

std::vector<std::string> ImageNames(const Config& config) {
  std::vector<std::string> names;
  if (!config.build) return names;
  for (const BuildImage& image : config.build->images) names.push_back(image.name);
  return names;
}

absl::Status MatchesNone(const Config& config, const std::string& pattern,
                         const std::vector<std::string>& names) {
  if (names.empty()) {
    return absl::InvalidArgumentError(
        fmt::format("--rebuild {}: {} has no build.images", pattern, config.file));
  }
  return absl::InvalidArgumentError(
      fmt::format("--rebuild {}: no image of build.images has a name like that; nearest: {}",
                  pattern, fmt::join(NearestWords(pattern, names, kMostNamed), ", ")));
}

}  // namespace

absl::Status CheckRebuildNames(const Config& config, const std::vector<std::string>& patterns) {
  const std::vector<std::string> names = ImageNames(config);
  for (const std::string& pattern : patterns) {
    const bool matches = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      return GlobMatches(pattern, name);
    });
    if (!matches) return MatchesNone(config, pattern, names);
  }
  return absl::OkStatus();
}

}  // namespace imglife
