#include "engine/diff/look.h"

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/diff/archives.h"
#include "engine/diff/diff.h"
#include "engine/observe/confirm_configs.h"
#include "engine/observe/managed_repositories.h"
#include "engine/observe/observe_archives.h"
#include "engine/observe/observe_deletions.h"
#include "engine/observe/observe_orphans.h"
#include "engine/observe/observe_referrers.h"

namespace imglife {
namespace {

using Candidates = std::map<Repository, std::vector<std::string>>;

// Which tags go depends on all images of the repository, and on what those of others were built on:
// no more than on those that are whole. Only where something would go is that asked.
Candidates ConfirmedCandidates(const Config& config, absl::Time policy_now, RegistryMemo& registry,
                               Observation& seen) {
  std::set<Repository> confirmed;
  while (true) {
    Candidates candidates = RetentionCandidates(config, seen.desired, seen.observed, policy_now);
    std::set<Repository> more;
    for (const auto& [repository, tags] : candidates) {
      if (confirmed.insert(repository).second) more.insert(repository);
    }
    if (more.empty()) return candidates;
    ConfirmConfigs(more, registry, seen.observed);
  }
}

void LookAtDeletions(const Config& config, absl::Time policy_now, RegistryMemo& registry,
                     Observation& seen) {
  const std::vector<Repository> archives = ArchivesOf(config, CleanupScope(config, seen.desired));
  ObserveArchives(archives, registry, seen.observed);
  Candidates candidates = ConfirmedCandidates(config, policy_now, registry, seen);
  ObserveArchivedCopies(config, candidates, registry, seen.observed);
  Candidates expired = ExpiredArchives(config, seen.desired, seen.observed, policy_now);
  // What one archive has may have been built on what expired in another.
  if (!expired.empty()) ReadArchivedImages(archives, registry, seen.observed);
  candidates.merge(expired);
  if (candidates.empty()) return;
  ReadOrphanImages(registry, seen.observed);
  ObserveDeletions(candidates, registry, seen.observed);
}

}  // namespace

Observation Look(const Config& config, const std::set<Stage>& stages, RegistryMemo& registry,
                 const World& world, absl::Time policy_now) {
  Observation seen = Observe(config, stages, registry, world);
  if (stages.count(Stage::kCleanup) > 0 || stages.count(Stage::kStatus) > 0) {
    LookAtDeletions(config, policy_now, registry, seen);
  }
  return seen;
}

}  // namespace imglife
