#include "engine/cli/cache_directory.h"

#include <string_view>

namespace imglife {
namespace {

std::optional<std::string> AbsolutePath(const Environment& environment, std::string_view name) {
  const auto at = environment.find(name);
  if (at == environment.end() || at->second.empty() || at->second.front() != '/') {
    return std::nullopt;
  }
  return at->second;
}

}  // namespace

std::optional<std::string> CacheDirectory(const Environment& environment) {
  const auto own = environment.find("IMGLIFE_CACHE_DIR");
  if (own != environment.end()) {
    return own->second.empty() ? std::nullopt : std::make_optional(own->second);
  }
  if (const auto caches = AbsolutePath(environment, "XDG_CACHE_HOME")) return *caches + "/imglife";
  if (const auto home = AbsolutePath(environment, "HOME")) return *home + "/.cache/imglife";
  return std::nullopt;
}

}  // namespace imglife
