#include "engine/diff/untold_reference.h"

#include <algorithm>
#include <string>
#include <vector>

#include "engine/diff/dockerfile_images.h"

namespace imglife {
namespace {

// Does the pattern, each kUntold of it for any text, give exactly this text?
bool Gives(std::string_view pattern, std::string_view text) {
  // Which starts of the text the pattern up to here gives, by their length.
  std::vector<bool> gives(text.size() + 1, false);
  gives[0] = true;
  for (const char c : pattern) {
    if (c == kUntold) {
      std::fill(std::find(gives.begin(), gives.end(), true), gives.end(), true);
      continue;
    }
    for (std::size_t end = text.size(); end > 0; --end) {
      gives[end] = gives[end - 1] && text[end - 1] == c;
    }
    gives[0] = false;
  }
  return gives.back();
}

// Is what is in front of a tag or digest the repository?
bool StartsWith(std::string_view pattern, std::string_view repository) {
  // No tag has a slash.
  const std::size_t slash = pattern.rfind('/');
  for (std::size_t end = slash == std::string_view::npos ? 0 : slash + 1; end <= pattern.size();
       ++end) {
    const bool may_end = end == pattern.size() || pattern[end] == ':' || pattern[end] == '@' ||
                         (end > 0 && pattern[end - 1] == kUntold);
    if (may_end && Gives(pattern.substr(0, end), repository)) return true;
  }
  return false;
}

}  // namespace

bool CouldName(std::string_view pattern, const Repository& repository,
               const RegistryServers& servers) {
  if (StartsWith(pattern, repository.ToString())) return true;
  const std::size_t slash = pattern.find('/');
  if (slash != std::string_view::npos && !repository.host.empty() &&
      servers.ServerOf(std::string(pattern.substr(0, slash))) ==
          servers.ServerOf(repository.host) &&
      StartsWith(pattern.substr(slash + 1), repository.path)) {
    return true;
  }
  if (repository.host != kDockerHub) return false;
  // Docker Hub's names need no host, and its own images no `library/`.
  return StartsWith(pattern, repository.path) ||
         (repository.path.rfind("library/", 0) == 0 &&
          StartsWith(pattern, repository.path.substr(repository.path.find('/') + 1)));
}

}  // namespace imglife
