#include "engine/observe/observe_mirrors.h"

#include <string>
#include <utility>

#include "absl/status/statusor.h"

#include "schema/image/manifest.h"
#include "schema/image/media_type.h"

namespace imglife {
namespace {

const SyncEntry& EntryOf(const Config& config, const DesiredTag& wanted) {
  return config.sync->entries[wanted.entry];
}

ImageQuestion SourceOf(const Config& config, const DesiredTag& wanted) {
  return {EntryOf(config, wanted).source, wanted.source_tag, false};
}

absl::StatusOr<Digest> Filter(const SyncEntry& entry, const Digest& source,
                              RegistryMemo& registry) {
  const auto manifest = registry.GetManifest(entry.source, source.str());
  if (!manifest.ok()) return manifest.status();
  if (!media_type::IsIndex(manifest->media_type)) return source;
  const auto filtered = FilterIndex(*manifest, entry.platforms);
  if (!filtered.ok()) return filtered.status();
  return filtered->digest;
}

bool AnyMirrorDiffers(const Config& config, const Desired& desired, const Observed& observed) {
  for (const auto& [target, tags] : desired.mirrors) {
    for (const auto& [tag, wanted] : tags) {
      const SyncEntry& entry = EntryOf(config, wanted);
      const Digest source = observed.DigestOf(entry.source, wanted.source_tag);
      const bool compared =
          wanted.check_digest && !source.empty() && !observed.DigestOf(target, tag).empty();
      if (compared && !observed.IsMadeFrom(target, tag, source, entry.platforms)) return true;
    }
  }
  return false;
}

}  // namespace

void AddMissingSources(const Config& config, const Desired& desired, const Observed& observed,
                       TagReader& reader) {
  for (const auto& [target, tags] : desired.mirrors) {
    const ObservedRepository& there = observed.repositories.at(target);
    if (!there.status.ok()) continue;
    for (const auto& [tag, wanted] : tags) {
      if (!there.Has(tag)) reader.AddImage(SourceOf(config, wanted));
    }
  }
}

void AddDigestChecks(const Config& config, const Desired& desired, const Observed& observed,
                     TagReader& reader, DigestChecks& checks) {
  for (const auto& [target, tags] : desired.mirrors) {
    const ObservedRepository& there = observed.repositories.at(target);
    for (const auto& [tag, wanted] : tags) {
      if (!there.status.ok() || !there.Has(tag)) continue;
      if (!wanted.check_digest && !wanted.referrers) continue;
      const SyncEntry& entry = EntryOf(config, wanted);
      if (wanted.check_digest) {
        checks.Add({target, tag, entry.source, wanted.source_tag, &entry.platforms});
      }
      if (entry.platforms.empty()) {
        reader.AddDigest(target, tag);
      } else {
        reader.AddManifest(target, tag);
      }
    }
  }
}

void AddSourcesOfPlaceholders(const Config& config, const Desired& desired,
                              const Observed& observed, TagReader& reader) {
  for (const auto& [target, tags] : desired.mirrors) {
    for (const auto& [tag, wanted] : tags) {
      if (observed.IsPlaceholder(target, tag)) reader.AddImage(SourceOf(config, wanted));
    }
  }
}

void FilterIndexes(const Config& config, const Desired& desired, RegistryMemo& registry,
                   Observed& observed) {
  for (const auto& [target, tags] : desired.mirrors) {
    for (const auto& [tag, wanted] : tags) {
      const SyncEntry& entry = EntryOf(config, wanted);
      const Digest source = observed.DigestOf(entry.source, wanted.source_tag);
      if (entry.platforms.empty() || source.empty()) continue;
      const auto key = std::make_pair(wanted.entry, source);
      const bool as_wanted = observed.IsMadeFrom(target, tag, source, entry.platforms);
      if (observed.filtered.count(key) > 0 || as_wanted) continue;
      observed.filtered.emplace(key, Filter(entry, source, registry));
    }
  }
}

void AskWhatWasWritten(const Config& config, const Desired& desired, const World& world,
                       Observed& observed) {
  if (!world.last_written || !AnyMirrorDiffers(config, desired, observed)) return;
  observed.last_written = world.last_written();
}

}  // namespace imglife
