#include "engine/observe/managed_repositories.h"

#include <string>

#include "engine/observe/image_reference.h"

namespace imglife {
namespace {

std::set<Repository> SyncTargets(const Config& config) {
  std::set<Repository> targets;
  if (!config.sync) return targets;
  for (const SyncEntry& entry : config.sync->entries) targets.insert(entry.target);
  return targets;
}

}  // namespace

std::set<Repository> BuiltRepositories(const Config& config) {
  std::set<Repository> built;
  if (!config.build) return built;
  for (const BuildImage& image : config.build->images) {
    built.insert(ImageRepository(*config.build, image));
  }
  return built;
}

std::set<Repository> TargetRepositories(const Config& config) {
  std::set<Repository> targets = SyncTargets(config);
  targets.merge(BuiltRepositories(config));
  return targets;
}

std::set<Repository> HoldersOfBuiltImages(const Config& config, const RegistryServers& servers) {
  std::set<std::string> own;
  for (const Repository& target : TargetRepositories(config)) {
    own.insert(servers.IdentityOf(target).host);
  }
  std::set<Repository> holders = BuiltRepositories(config);
  if (!config.sync) return holders;
  for (const SyncEntry& entry : config.sync->entries) {
    if (own.count(servers.IdentityOf(entry.source).host) > 0) holders.insert(entry.target);
  }
  return holders;
}

std::vector<Repository> CleanupScope(const Config& config, const Desired& desired) {
  std::set<Repository> scope = SyncTargets(config);
  for (const DesiredImage& image : desired.images) scope.insert(image.image.repository);
  return {scope.begin(), scope.end()};
}

}  // namespace imglife
