#include "engine/diff/copied_from.h"

#include <map>

#include "fmt/format.h"

namespace imglife {

void KeepCopied(const Config& config, const Desired& desired, const Observed& observed,
                const std::set<Repository>& repositories, NeededTags& needed) {
  std::map<Repository, Repository> names;
  for (const Repository& repository : repositories) {
    names.emplace(observed.servers.IdentityOf(repository), repository);
  }
  for (const auto& [target, tags] : desired.mirrors) {
    for (const auto& [tag, wanted] : tags) {
      const SyncEntry& entry = config.sync->entries[wanted.entry];
      const auto source = names.find(observed.servers.IdentityOf(entry.source));
      if (source == names.end()) continue;
      if (observed.IsPlaceholder(source->second, wanted.source_tag)) continue;
      needed[source->second].try_emplace(wanted.source_tag,
                                         fmt::format("{} copies it", entry.rule.path));
    }
  }
}

}  // namespace imglife
