// Which sync entries copy from where this configuration itself puts something: from a stage to
// production, say. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "engine/observe/registry_servers.h"
#include "schema/config/config.h"
#include "schema/image/reference.h"

namespace imglife {

class SourceChains {
 public:
  // Two names of one repository are one, as `servers` understands them.
  SourceChains(const Config& config, const RegistryServers& servers);

  // Every entry but the cyclic ones once, by index: an entry comes in a later round than all that
  // may put a tag there that it copies. One round where nothing is chained; sorted.
  const std::vector<std::vector<std::size_t>>& rounds() const { return rounds_; }

  // Entries that wait for themselves, and those that wait for these; sorted.
  const std::vector<std::size_t>& cyclic() const { return cyclic_; }
  // "sync.entries[0] -> sync.entries[1] -> sync.entries[0]": each copies what the next one puts
  // into its source. Empty if there is no cycle.
  const std::string& cycle() const { return cycle_; }

  // The sync target that the entry's source is, as the configuration writes it there; nothing if it
  // is none.
  const std::optional<Repository>& MirrorBehind(std::size_t entry) const { return mirrors_[entry]; }
  // The same, or the repository of an image of build.images.
  const std::optional<Repository>& ManagedSource(std::size_t entry) const {
    return managed_[entry];
  }

 private:
  using Providers = std::vector<std::vector<std::size_t>>;

  void FindSources(const Config& config, const RegistryServers& servers);
  void MakeRounds(const Providers& providers);
  void FindCyclePath(const Config& config, const Providers& providers);

  std::vector<std::optional<Repository>> mirrors_;
  std::vector<std::optional<Repository>> managed_;
  std::vector<std::vector<std::size_t>> rounds_;
  std::vector<std::size_t> cyclic_;
  std::string cycle_;
};

}  // namespace imglife
