#include "engine/observe/observe_mirrors.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

#include "engine/observe/parallel.h"
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

absl::StatusOr<Digest> FilteredDigest(const ManifestBytes& manifest, const SyncEntry& entry) {
  if (!media_type::IsIndex(manifest.media_type)) return manifest.digest;
  const auto filtered = FilterIndex(manifest, entry.platforms);
  if (!filtered.ok()) return filtered.status();
  return filtered->digest;
}

absl::StatusOr<Digest> Filter(const SyncEntry& entry, const Digest& source,
                              RegistryMemo& registry) {
  const auto manifest = registry.GetManifest(entry.source, source.str());
  if (!manifest.ok()) return manifest.status();
  return FilteredDigest(*manifest, entry);
}

// Is what it is copied from still to come into the mirror that it is copied from?
bool AwaitsSource(const Desired& desired, const Observed& observed, const DesiredTag& wanted) {
  return FindProvider(desired, wanted) != nullptr &&
         !observed.repositories.at(*wanted.provider).Has(wanted.source_tag);
}

// What a copy of the tag would write, as far as that is known: made from what its provider would
// write, else from what its source has.
absl::StatusOr<ManifestBytes> Upcoming(const Config& config, const Desired& desired,
                                       const Observed& observed, const DesiredTag& wanted,
                                       RegistryMemo& registry) {
  const SyncEntry& entry = EntryOf(config, wanted);
  absl::StatusOr<ManifestBytes> manifest = absl::NotFoundError("its source was not asked");
  const DesiredTag* provider = FindProvider(desired, wanted);
  if (provider != nullptr) manifest = Upcoming(config, desired, observed, *provider, registry);
  const Digest source = observed.DigestOf(entry.source, wanted.source_tag);
  if (!manifest.ok() && !source.empty()) {
    manifest = registry.GetManifest(entry.source, source.str());
  }
  if (!manifest.ok() || entry.platforms.empty() || !media_type::IsIndex(manifest->media_type)) {
    return manifest;
  }
  return FilterIndex(*manifest, entry.platforms);
}

// Only what is compared is.
bool IsKnownToDiffer(const Config& config, const Desired& desired, const Observed& observed,
                     const Repository& target, const std::string& tag, const DesiredTag& wanted) {
  if (!wanted.check_digest || observed.DigestOf(target, tag).empty()) return false;
  const SyncEntry& entry = EntryOf(config, wanted);
  const Digest source = observed.DigestOf(entry.source, wanted.source_tag);
  if (source.empty()) return AwaitsSource(desired, observed, wanted);
  return !observed.IsMadeFrom(target, tag, source, entry.platforms);
}

bool AnyMirrorDiffers(const Config& config, const Desired& desired, const Observed& observed) {
  for (const auto& [target, tags] : desired.mirrors) {
    for (const auto& [tag, wanted] : tags) {
      if (IsKnownToDiffer(config, desired, observed, target, tag, wanted)) return true;
    }
  }
  return false;
}

// The same for what mirrors that this plan renews will have.
void FilterUpcoming(const Config& config, const Desired& desired, RegistryMemo& registry,
                    Observed& observed) {
  for (const auto& [target, tags] : desired.mirrors) {
    for (const auto& [tag, wanted] : tags) {
      const SyncEntry& entry = EntryOf(config, wanted);
      const DesiredTag* provider = FindProvider(desired, wanted);
      if (entry.platforms.empty() || provider == nullptr) continue;
      const auto source = Upcoming(config, desired, observed, *provider, registry);
      // Why it could not be told is said of the provider.
      if (!source.ok()) continue;
      observed.filtered.try_emplace({wanted.entry, source->digest}, FilteredDigest(*source, entry));
    }
  }
}

}  // namespace

void AddMissingSources(const Config& config, const Desired& desired, const Observed& observed,
                       TagReader& reader) {
  for (const auto& [target, tags] : desired.mirrors) {
    const ObservedRepository& there = observed.repositories.at(target);
    if (!there.status.ok()) continue;
    for (const auto& [tag, wanted] : tags) {
      if (there.Has(tag) || AwaitsSource(desired, observed, wanted)) continue;
      reader.AddImage(SourceOf(config, wanted));
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
      if (wanted.check_digest && !AwaitsSource(desired, observed, wanted)) {
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

void AddDifferingMirrors(const Config& config, const Desired& desired, const Observed& observed,
                         TagReader& reader) {
  for (const auto& [target, tags] : desired.mirrors) {
    for (const auto& [tag, wanted] : tags) {
      if (IsKnownToDiffer(config, desired, observed, target, tag, wanted) &&
          observed.FindManifest(target, tag) == nullptr) {
        reader.AddManifest(target, tag);
      }
    }
  }
}

void AddSourcesOfPlaceholders(const Config& config, const Desired& desired,
                              const Observed& observed, TagReader& reader) {
  for (const auto& [target, tags] : desired.mirrors) {
    for (const auto& [tag, wanted] : tags) {
      if (!observed.IsPlaceholder(target, tag)) continue;
      if (AwaitsSource(desired, observed, wanted)) continue;
      reader.AddImage(SourceOf(config, wanted));
    }
  }
}

void FilterIndexes(const Config& config, const Desired& desired, RegistryMemo& registry,
                   Observed& observed) {
  std::set<std::pair<std::size_t, Digest>> differing;
  for (const auto& [target, tags] : desired.mirrors) {
    for (const auto& [tag, wanted] : tags) {
      const SyncEntry& entry = EntryOf(config, wanted);
      const Digest source = observed.DigestOf(entry.source, wanted.source_tag);
      if (entry.platforms.empty() || source.empty()) continue;
      const bool as_wanted = observed.IsMadeFrom(target, tag, source, entry.platforms);
      if (!as_wanted) differing.insert({wanted.entry, source});
    }
  }
  const std::vector<std::pair<std::size_t, Digest>> keys(differing.begin(), differing.end());
  std::vector<absl::StatusOr<Digest>> answers(keys.size(), absl::UnknownError("not asked"));
  ParallelFor(keys.size(), kQuestionsInFlight, [&](std::size_t i) {
    answers[i] = Filter(config.sync->entries[keys[i].first], keys[i].second, registry);
  });
  for (std::size_t i = 0; i < keys.size(); ++i) {
    observed.filtered.emplace(keys[i], std::move(answers[i]));
  }
  FilterUpcoming(config, desired, registry, observed);
}

void AskWhatWasWritten(const Config& config, const Desired& desired, const World& world,
                       Observed& observed) {
  if (!world.last_written || !AnyMirrorDiffers(config, desired, observed)) return;
  observed.last_written = world.last_written();
}

}  // namespace imglife
