#include "engine/observe/observe_referrers.h"

#include <functional>
#include <set>
#include <utility>

#include "engine/observe/archive_gaps.h"
#include "engine/observe/missing_referrers.h"
#include "engine/observe/observe_archives.h"
#include "engine/observe/parallel.h"

namespace imglife {
namespace {

// Where the parts of an image are read, to which something may refer.
struct Question {
  Repository repository;
  Digest image;
  const std::vector<Platform>* platforms = nullptr;
};

using Questions = std::map<ReferrersKey, Question>;
using Visit = std::function<void(const Repository& target, const std::string& tag,
                                 const DesiredTag& wanted, const SyncEntry& entry)>;

void ForEachWithReferrers(const Config& config, const Desired& desired, const Observed& observed,
                          const Visit& visit) {
  for (const auto& [target, tags] : desired.mirrors) {
    const ObservedRepository* there = observed.FindRepository(target);
    if (there == nullptr || !there->status.ok()) continue;
    for (const auto& [tag, wanted] : tags) {
      if (wanted.referrers) visit(target, tag, wanted, config.sync->entries[wanted.entry]);
    }
  }
}

void Ask(const Questions& asked, RegistryMemo& registry, Observed& observed) {
  const std::vector<std::pair<ReferrersKey, Question>> questions(asked.begin(), asked.end());
  std::vector<absl::StatusOr<MissingReferrers>> answers(questions.size(),
                                                        absl::UnknownError("not asked"));
  ParallelFor(questions.size(), kQuestionsInFlight, [&](std::size_t i) {
    const auto& [key, question] = questions[i];
    const auto subjects =
        SubjectsOf(registry, question.repository, question.image, *question.platforms);
    if (!subjects.ok()) {
      answers[i] = subjects.status();
      return;
    }
    answers[i] = FindMissingReferrers(registry, key.source, registry, key.target, *subjects);
  });
  for (std::size_t i = 0; i < questions.size(); ++i) {
    observed.missing_referrers.insert_or_assign(questions[i].first, std::move(answers[i]));
  }
}

bool IsAsWanted(const Observed& observed, const Repository& target, const std::string& tag,
                const DesiredTag& wanted, const SyncEntry& entry, const Digest& source,
                const Digest& after) {
  return observed.DigestOf(target, tag) == after || source.empty() || !wanted.check_digest ||
         observed.IsMadeFrom(target, tag, source, entry.platforms);
}

}  // namespace

void FetchReferredImages(const Config& config, const Desired& desired, const Observed& observed,
                         RegistryMemo& registry) {
  std::vector<std::pair<Repository, std::string>> tags;
  ForEachWithReferrers(
      config, desired, observed,
      [&](const Repository& target, const std::string& tag, const DesiredTag&, const SyncEntry&) {
        if (observed.FindRepository(target)->Has(tag)) {
          tags.emplace_back(target, tag);
        }
      });
  ParallelFor(tags.size(), kQuestionsInFlight, [&](std::size_t i) {
    // The memo keeps the answer; what failed is told of where it is needed.
    registry.GetManifest(tags[i].first, tags[i].second).IgnoreError();
  });
}

void ObserveReferrers(const Config& config, const Desired& desired, RegistryMemo& registry,
                      Observed& observed) {
  Questions questions;
  ForEachWithReferrers(config, desired, observed,
                       [&](const Repository& target, const std::string& tag,
                           const DesiredTag& wanted, const SyncEntry& entry) {
                         const Digest source = observed.DigestOf(entry.source, wanted.source_tag);
                         const auto filtered = observed.filtered.find({wanted.entry, source});
                         const bool is_reduced =
                             filtered != observed.filtered.end() && filtered->second.ok();
                         const Digest after = is_reduced ? *filtered->second : source;
                         const Digest now = observed.DigestOf(target, tag);
                         if (!now.empty() && !observed.IsPlaceholder(target, tag) &&
                             IsAsWanted(observed, target, tag, wanted, entry, source, after)) {
                           questions.try_emplace({entry.source, target, now},
                                                 Question{target, now, &entry.platforms});
                         } else if (!source.empty()) {
                           questions.try_emplace({entry.source, target, after},
                                                 Question{entry.source, source, &entry.platforms});
                         }
                       });
  Ask(questions, registry, observed);
}

void ObserveArchivedCopies(const Config& config,
                           const std::map<Repository, std::vector<std::string>>& candidates,
                           RegistryMemo& registry, Observed& observed) {
  if (!config.retention || !config.retention->archive.enabled) return;
  std::set<ReferrersKey> copies;
  for (const auto& [repository, tags] : candidates) {
    const Repository archive = ArchiveRepository(config, repository);
    for (const std::string& tag : tags) {
      const Digest digest = observed.DigestOf(repository, tag);
      const bool archived = observed.DigestOf(archive, tag) == digest ||
                            observed.DigestOf(archive, ArchiveTag(tag, digest)) == digest;
      if (digest.empty() || archive == repository || !archived) continue;
      copies.insert({repository, archive, digest});
    }
  }
  const std::vector<ReferrersKey> questions(copies.begin(), copies.end());
  std::vector<absl::StatusOr<ArchiveGaps>> answers(questions.size(),
                                                   absl::UnknownError("not asked"));
  ParallelFor(questions.size(), kQuestionsInFlight, [&](std::size_t i) {
    const ReferrersKey& copy = questions[i];
    answers[i] = FindArchiveGaps(registry, copy.source, copy.image, registry, copy.target);
  });
  for (std::size_t i = 0; i < questions.size(); ++i) {
    observed.archive_gaps.insert_or_assign(questions[i], std::move(answers[i]));
  }
}

}  // namespace imglife
