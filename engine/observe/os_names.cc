#include "engine/observe/os_names.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "fmt/format.h"

#include "engine/observe/entry_tags.h"
#include "engine/observe/parallel.h"
#include "engine/order/os_variant.h"

namespace imglife {
namespace {

constexpr std::size_t kMostCompared = 100;

// The first of `versions[from, to)` that has the digest; empty if none has.
absl::StatusOr<std::string> FirstOf(const std::vector<std::string>& versions, std::size_t from,
                                    std::size_t to, const Repository& source, const Digest& digest,
                                    RegistryMemo& registry) {
  std::vector<absl::StatusOr<Resolved>> answers(to - from, absl::UnknownError("not asked"));
  ParallelFor(answers.size(), kQuestionsInFlight,
              [&](std::size_t i) { answers[i] = registry.Resolve(source, versions[from + i]); });
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (absl::IsNotFound(answers[i].status()) || absl::IsUnimplemented(answers[i].status()))
      continue;
    if (!answers[i].ok()) return answers[i].status();
    if (answers[i]->digest == digest) return versions[from + i];
  }
  return std::string();
}

absl::StatusOr<std::string> NameOf(const std::string& tag, const Repository& source,
                                   const std::vector<std::string>& listed, RegistryMemo& registry) {
  const auto resolved = registry.Resolve(source, tag);
  if (absl::IsNotFound(resolved.status())) {
    return absl::NotFoundError(fmt::format("there is no {}:{}", source.ToString(), tag));
  }
  if (!resolved.ok()) return resolved.status();
  const std::vector<std::string> versions = VersionsOfVariant(listed, tag);
  const std::size_t most = std::min(versions.size(), kMostCompared);
  const std::size_t first = std::min<std::size_t>(most, 1);
  std::string version;
  for (const auto& [from, to] : {std::pair{std::size_t{0}, first}, std::pair{first, most}}) {
    if (!version.empty()) break;
    auto found = FirstOf(versions, from, to, source, resolved->digest, registry);
    if (!found.ok()) return found.status();
    version = *std::move(found);
  }
  if (!version.empty()) return fmt::format("{}-{}", VersionOfTag(version), tag);
  return absl::NotFoundError(fmt::format("no version tag{} has the digest of {}:{}",
                                         versions.size() > most ? " that was compared" : "",
                                         source.ToString(), tag));
}

}  // namespace

OsNames FindOsNames(const Config& config, const Listings& listed, RegistryMemo& registry) {
  OsNames names;
  if (!config.sync) return names;
  std::vector<std::pair<std::size_t, std::string>> questions;
  for (std::size_t i = 0; i < config.sync->entries.size(); ++i) {
    const SyncEntry& entry = config.sync->entries[i];
    const auto list = listed.find(entry.source);
    if (!entry.os_normalize || list == listed.end() || !list->second.ok()) continue;
    for (const std::string& tag : SelectedNames(entry, *list->second)) {
      if (NamesOnlyOsVariant(tag)) questions.emplace_back(i, tag);
    }
  }
  std::vector<absl::StatusOr<std::string>> answers(questions.size(),
                                                   absl::UnknownError("not asked"));
  ParallelFor(questions.size(), kQuestionsInFlight, [&](std::size_t i) {
    const Repository& source = config.sync->entries[questions[i].first].source;
    answers[i] = NameOf(questions[i].second, source, listed.at(source)->tags, registry);
  });
  for (std::size_t i = 0; i < questions.size(); ++i) {
    names.emplace(questions[i], std::move(answers[i]));
  }
  return names;
}

}  // namespace imglife
