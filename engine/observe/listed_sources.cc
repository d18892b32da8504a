#include "engine/observe/listed_sources.h"

#include <algorithm>
#include <string>

#include "absl/status/status.h"

#include "engine/observe/entry_tags.h"
#include "engine/order/os_variant.h"
#include "engine/order/selection.h"

namespace imglife {

bool MayHaveToProvidePins(const Config& config, const SyncEntry& entry) {
  if (!config.build) return false;
  const auto is_named = [&](const std::string& tag) {
    return std::any_of(
        config.sync->entries.begin(), config.sync->entries.end(),
        [&](const SyncEntry& other) { return other.target == entry.target && other.tag == tag; });
  };
  return std::any_of(config.build->images.begin(), config.build->images.end(),
                     [&](const BuildImage& image) {
                       return image.mirror_image == entry.target && !image.mirror_tag.empty() &&
                              !is_named(image.mirror_tag);
                     });
}

std::vector<Repository> ListedSources(const Config& config) {
  std::set<Repository> sources;
  if (config.sync) {
    for (const SyncEntry& entry : config.sync->entries) {
      const bool may_be_renamed = entry.os_normalize && NamesOnlyOsVariant(entry.tag);
      if (!entry.tag_regex.empty() || may_be_renamed || MayHaveToProvidePins(config, entry)) {
        sources.insert(entry.source);
      }
    }
  }
  return {sources.begin(), sources.end()};
}

std::set<Repository> SourcesToDate(const Config& config, const Listings& listed) {
  std::set<Repository> sources;
  if (!config.sync) return sources;
  for (const SyncEntry& entry : config.sync->entries) {
    const auto list = listed.find(entry.source);
    const bool may_need_them = entry.keep_last && entry.source.host == kDockerHub;
    if (!may_need_them || list == listed.end() || !list->second.ok()) continue;
    const auto selection = SelectTags(entry, SelectableTags(entry, *list->second), {});
    if (absl::IsFailedPrecondition(selection.status())) sources.insert(entry.source);
  }
  return sources;
}

}  // namespace imglife
