#include "engine/diff/copied_from.h"

#include <map>

#include "fmt/format.h"

#include "engine/observe/entry_tags.h"

namespace imglife {

void KeepCopied(const Config& config, const Desired& desired, const Observed& observed,
                const std::set<Repository>& repositories, NeededTags& needed) {
  std::map<Repository, Repository> names;
  for (const Repository& repository : repositories) {
    names.emplace(observed.servers.IdentityOf(repository), repository);
  }
  const auto keep = [&](const SyncEntry& entry, const std::string& tag) {
    const auto source = names.find(observed.servers.IdentityOf(entry.source));
    if (source == names.end() || observed.IsPlaceholder(source->second, tag)) return;
    needed[source->second].try_emplace(tag, fmt::format("{} copies it", entry.rule.path));
  };
  for (const auto& [target, tags] : desired.mirrors) {
    for (const auto& [tag, wanted] : tags) {
      keep(config.sync->entries[wanted.entry], wanted.source_tag);
    }
  }
  if (!config.sync) return;
  // Also where it can't be told what of it goes where.
  for (const SyncEntry& entry : config.sync->entries) {
    if (entry.tag.empty()) continue;
    for (const std::string& tag : SelectedNames(entry, {})) keep(entry, tag);
  }
}

}  // namespace imglife
