#include "engine/cli/layout_names.h"

#include <filesystem>
#include <map>
#include <string>
#include <system_error>
#include <vector>

#include "fmt/format.h"

#include "engine/observe/observe_archives.h"

namespace imglife {
namespace {

std::vector<Repository> NamedRepositories(const Config& config) {
  std::vector<Repository> named;
  if (config.sync) {
    for (const SyncEntry& entry : config.sync->entries) {
      named.push_back(entry.source);
      named.push_back(entry.target);
    }
  }
  if (config.build) {
    for (const BuildImage& image : config.build->images) {
      Repository repository = config.build->registry;
      repository.path += "/" + image.name;
      named.push_back(repository);
      named.push_back(image.mirror_image);
    }
  }
  const std::vector<Repository> archives = ArchivesOf(config, named);
  named.insert(named.end(), archives.begin(), archives.end());
  return named;
}

// What the system makes of the name; the name itself where that can't be told.
std::string RealDirectory(const std::string& path) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(path, error);
  const auto real = std::filesystem::weakly_canonical(absolute, error);
  return error ? path : real.string();
}

}  // namespace

absl::Status CheckLayoutNames(const Config& config) {
  std::map<std::string, std::string> names;
  for (const Repository& repository : NamedRepositories(config)) {
    if (repository.kind != Repository::Kind::kOciDir) continue;
    const auto [at, is_new] = names.try_emplace(RealDirectory(repository.path), repository.path);
    if (is_new || at->second == repository.path) continue;
    return absl::FailedPreconditionError(
        fmt::format("ocidir://{} and ocidir://{} are the same directory; write it in one way",
                    at->second, repository.path));
  }
  return absl::OkStatus();
}

}  // namespace imglife
