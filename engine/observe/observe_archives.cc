#include "engine/observe/observe_archives.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "fmt/format.h"

#include "engine/observe/parallel.h"
#include "engine/observe/read_images.h"
#include "engine/observe/referrer_tag.h"

namespace imglife {
namespace {

using Names = std::vector<std::pair<Repository, std::string>>;

Names TagsOf(const std::vector<Repository>& repositories, const Observed& observed) {
  Names names;
  for (const Repository& repository : repositories) {
    const ObservedRepository* there = observed.FindRepository(repository);
    if (there == nullptr || !there->status.ok()) continue;
    for (const std::string& tag : there->tags) names.emplace_back(repository, tag);
  }
  return names;
}

void ListArchives(const std::vector<Repository>& archives, RegistryMemo& registry,
                  Observed& observed) {
  std::vector<absl::StatusOr<TagList>> lists(archives.size(), absl::UnknownError("not asked"));
  ParallelFor(archives.size(), kQuestionsInFlight,
              [&](std::size_t i) { lists[i] = registry.ListTags(archives[i]); });
  for (std::size_t i = 0; i < archives.size(); ++i) {
    ObservedRepository& kept = observed.repositories[archives[i]];
    kept.listed = true;
    kept.status = lists[i].status();
    if (!lists[i].ok()) continue;
    kept.exists = lists[i]->repository_exists;
    kept.tags = lists[i]->tags;
    kept.held = lists[i]->held;
    kept.warnings = lists[i]->warnings;
  }
}

void ResolveTags(const Names& names, RegistryMemo& registry, Observed& observed) {
  std::vector<absl::StatusOr<Resolved>> answers(names.size(), absl::UnknownError("not asked"));
  ParallelFor(names.size(), kQuestionsInFlight, [&](std::size_t i) {
    answers[i] = registry.Resolve(names[i].first, names[i].second);
  });
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto& resolved = observed.repositories[names[i].first].resolved;
    if (answers[i].ok()) {
      resolved.insert_or_assign(names[i].second, ObservedTag{answers[i]->digest, std::nullopt});
    } else {
      resolved.insert_or_assign(names[i].second, answers[i].status());
    }
  }
}

void ListNotes(const Names& names, RegistryMemo& registry, Observed& observed) {
  std::set<ImageKey> distinct;
  for (const auto& [repository, tag] : names) {
    const Digest digest = observed.DigestOf(repository, tag);
    if (!digest.empty()) distinct.insert({repository, digest});
  }
  const std::vector<ImageKey> subjects(distinct.begin(), distinct.end());
  std::vector<absl::StatusOr<std::vector<Descriptor>>> referrers(subjects.size(),
                                                                 absl::UnknownError("not asked"));
  ParallelFor(subjects.size(), kQuestionsInFlight, [&](std::size_t i) {
    referrers[i] = registry.ListReferrers(subjects[i].first, subjects[i].second);
  });
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    observed.referrers.insert_or_assign(subjects[i], std::move(referrers[i]));
  }
}

bool IsUndated(const Observed& observed, const ImageKey& image) {
  const auto notes = observed.referrers.find(image);
  return notes != observed.referrers.end() && notes->second.ok() && !ArchivedAt(*notes->second);
}

// What a deletion left that was killed has no date. What can't be read is taken for an image.
void ReadUndated(const Names& names, RegistryMemo& registry, Observed& observed) {
  std::set<ImageKey> undated;
  for (const auto& [repository, tag] : names) {
    const ImageKey image{repository, observed.DigestOf(repository, tag)};
    if (!IsReferrerTag(tag) && IsUndated(observed, image)) undated.insert(image);
  }
  const std::vector<ImageKey> images(undated.begin(), undated.end());
  std::vector<absl::StatusOr<Manifest>> manifests(images.size(), absl::UnknownError("not asked"));
  ParallelFor(images.size(), kQuestionsInFlight, [&](std::size_t i) {
    const auto bytes = registry.GetManifest(images[i].first, images[i].second.str());
    if (bytes.ok()) manifests[i] = ParseManifest(bytes->media_type, bytes->content);
  });
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (!manifests[i].ok()) continue;
    observed.top_manifests.insert_or_assign(images[i], *std::move(manifests[i]));
  }
}

}  // namespace

Repository ArchiveRepository(const Config& config, const Repository& repository) {
  Repository archive = *config.retention->archive.registry;
  archive.path += (archive.path.empty() ? "" : "/") + repository.path;
  if (archive.kind == Repository::Kind::kOciDir) {
    archive.path = std::filesystem::path(archive.path).lexically_normal().string();
  }
  return archive;
}

std::string ArchiveTag(const std::string& tag, const Digest& digest) {
  constexpr std::size_t kHexDigits = 12;
  constexpr std::size_t kMaxTag = 128;
  return fmt::format("{}-{}", tag.substr(0, kMaxTag - kHexDigits - 1),
                     digest.hex().substr(0, kHexDigits));
}

FormerNames::FormerNames(const Config& config, const std::vector<Repository>& repositories) {
  if (!config.retention || !config.retention->archive.enabled) return;
  for (const Repository& repository : repositories) {
    by_archive_[ArchiveRepository(config, repository)].push_back(repository);
  }
}

std::vector<Reference> FormerNames::Of(const Reference& archived) const {
  const auto repositories = by_archive_.find(archived.repository);
  if (repositories == by_archive_.end()) return {};
  std::vector<std::string> tags = {archived.tag};
  const std::string stem = archived.tag.substr(0, archived.tag.rfind('-'));
  if (ArchiveTag(stem, archived.digest) == archived.tag) tags.push_back(stem);
  std::vector<Reference> names;
  for (const Repository& repository : repositories->second) {
    for (const std::string& tag : tags) names.push_back({repository, tag, {}});
  }
  return names;
}

std::vector<Repository> ArchivesOf(const Config& config,
                                   const std::vector<Repository>& repositories) {
  if (!config.retention || !config.retention->archive.enabled) return {};
  std::set<Repository> archives;
  for (const Repository& repository : repositories) {
    archives.insert(ArchiveRepository(config, repository));
  }
  for (const Repository& repository : repositories) archives.erase(repository);
  return {archives.begin(), archives.end()};
}

void ObserveArchives(const std::vector<Repository>& archives, RegistryMemo& registry,
                     Observed& observed) {
  ListArchives(archives, registry, observed);
  const Names names = TagsOf(archives, observed);
  ResolveTags(names, registry, observed);
  ListNotes(names, registry, observed);
  ReadUndated(names, registry, observed);
}

void ReadArchivedImages(const std::vector<Repository>& archives, RegistryMemo& registry,
                        Observed& observed) {
  std::vector<ImageQuestion> questions;
  for (const auto& [repository, tag] : TagsOf(archives, observed)) {
    questions.push_back({.repository = repository, .tag_or_digest = tag});
  }
  auto images = ReadImages(registry, questions);
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const Repository& repository = questions[i].repository;
    const std::string& tag = questions[i].tag_or_digest;
    auto& resolved = observed.repositories[repository].resolved;
    if (!images[i].ok()) {
      resolved.insert_or_assign(tag, images[i].status());
      continue;
    }
    resolved.insert_or_assign(tag, ObservedTag{images[i]->digest, std::nullopt});
    const ImageKey key{repository, images[i]->digest};
    observed.images.insert_or_assign(key, std::move(images[i]));
  }
}

std::optional<absl::Time> ArchivedAt(const std::vector<Descriptor>& referrers) {
  std::optional<absl::Time> newest;
  for (const Descriptor& referrer : referrers) {
    const auto noted = referrer.annotations.find(std::string(annotation::kArchivedAt));
    absl::Time at;
    if (referrer.artifact_type != kArchiveNoteType || noted == referrer.annotations.end() ||
        !absl::ParseTime(absl::RFC3339_full, noted->second, &at, nullptr)) {
      continue;
    }
    newest = std::max(newest.value_or(at), at);
  }
  return newest;
}

absl::Duration OldestArchiveDate(const Config& config) {
  constexpr absl::Duration kDay = absl::Hours(24);
  return std::min(kDay, kDay * config.retention->archive.keep_days / 10);
}

}  // namespace imglife
