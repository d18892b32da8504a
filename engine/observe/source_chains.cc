#include "engine/observe/source_chains.h"

#include <algorithm>
#include <map>
#include <utility>

#include "fmt/format.h"
#include "fmt/ranges.h"

#include "engine/observe/entry_tags.h"
#include "engine/observe/image_reference.h"
#include "engine/order/cycles.h"

namespace imglife {
namespace {

// What os_normalize and builds make of names isn't known here.
bool MayProvide(const Config& config, const SyncEntry& provider, const SyncEntry& entry) {
  if (provider.os_normalize) return true;
  if (!provider.tag.empty()) return Matches(entry, provider.tag);
  return entry.tag.empty() || Matches(provider, entry.tag) || config.build.has_value();
}

using EntriesByTarget = std::map<Repository, std::vector<std::size_t>>;

// By what the target is, whatever its name.
EntriesByTarget ByTarget(const Config& config, const RegistryServers& servers) {
  EntriesByTarget entries;
  for (std::size_t i = 0; i < config.sync->entries.size(); ++i) {
    entries[servers.IdentityOf(config.sync->entries[i].target)].push_back(i);
  }
  return entries;
}

// By entry: those that may put a tag into its source that it copies.
std::vector<std::vector<std::size_t>> FindProviders(const Config& config,
                                                    const RegistryServers& servers) {
  const EntriesByTarget by_target = ByTarget(config, servers);
  const std::vector<SyncEntry>& entries = config.sync->entries;
  std::vector<std::vector<std::size_t>> providers(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto there = by_target.find(servers.IdentityOf(entries[i].source));
    if (there == by_target.end()) continue;
    for (const std::size_t other : there->second) {
      if (other != i && MayProvide(config, entries[other], entries[i])) {
        providers[i].push_back(other);
      }
    }
  }
  return providers;
}

}  // namespace

SourceChains::SourceChains(const Config& config, const RegistryServers& servers) {
  if (!config.sync) return;
  FindSources(config, servers);
  const Providers providers = FindProviders(config, servers);
  MakeRounds(providers);
  if (!cyclic_.empty()) FindCyclePath(config, providers);
}

void SourceChains::FindSources(const Config& config, const RegistryServers& servers) {
  std::map<Repository, Repository> targets;
  for (const SyncEntry& entry : config.sync->entries) {
    targets.try_emplace(servers.IdentityOf(entry.target), entry.target);
  }
  std::map<Repository, Repository> managed = targets;
  if (config.build) {
    for (const BuildImage& image : config.build->images) {
      const Repository repository = ImageRepository(*config.build, image);
      managed.try_emplace(servers.IdentityOf(repository), repository);
    }
  }
  const auto find = [](const std::map<Repository, Repository>& names, const Repository& source) {
    const auto name = names.find(source);
    return name == names.end() ? std::nullopt : std::make_optional(name->second);
  };
  for (const SyncEntry& entry : config.sync->entries) {
    const Repository source = servers.IdentityOf(entry.source);
    mirrors_.push_back(find(targets, source));
    managed_.push_back(find(managed, source));
  }
}

void SourceChains::MakeRounds(const Providers& providers) {
  std::vector<bool> done(providers.size(), false);
  while (true) {
    std::vector<std::size_t> round;
    for (std::size_t i = 0; i < providers.size(); ++i) {
      const bool ready = std::all_of(providers[i].begin(), providers[i].end(),
                                     [&](std::size_t provider) { return done[provider]; });
      if (!done[i] && ready) round.push_back(i);
    }
    if (round.empty()) break;
    for (const std::size_t i : round) done[i] = true;
    rounds_.push_back(std::move(round));
  }
  for (std::size_t i = 0; i < providers.size(); ++i) {
    if (!done[i]) cyclic_.push_back(i);
  }
}

void SourceChains::FindCyclePath(const Config& config, const Providers& providers) {
  const auto name = [&](std::size_t i) { return config.sync->entries[i].rule.path; };
  NeedsGraph needs;
  for (const std::size_t i : cyclic_) {
    for (const std::size_t provider : providers[i]) needs[name(i)].push_back(name(provider));
  }
  const auto path = FindCycle(needs);
  if (path) cycle_ = fmt::format("{}", fmt::join(*path, " -> "));
}

}  // namespace imglife
