// Repositories that nothing declares any more (stages.md, cleanup).
#pragma once

#include <set>
#include <vector>

#include "absl/status/statusor.h"

#include "engine/observe/observed.h"
#include "engine/observe/registry_memo.h"
#include "schema/config/config.h"

namespace imglife {

// Is it `prefix` followed by a name, on the same host?
bool IsIn(const Repository& repository, const Repository& prefix);

struct FoundOrphans {
  std::vector<Repository> repositories;
  // Unimplemented, saying why, if there may be others: the registry doesn't tell, or its list lacks
  // one of those that are known and not empty.
  absl::Status told;
};

// What build.registry holds besides `declared` and the archive; nothing without a build section.
// Fails as Registry::ListRepositories does, but for a registry that doesn't tell.
absl::StatusOr<FoundOrphans> FindOrphans(const Config& config, const std::set<Repository>& declared,
                                         Registry& registry);

// Is it in the archive?
bool IsArchived(const Config& config, const Repository& repository);

// Fills in `observed.orphans`: what build.registry holds besides `declared` and the archive. Asks
// nothing without a build section.
void ObserveOrphans(const Config& config, const std::set<Repository>& declared,
                    RegistryMemo& registry, Observed& observed);

// Fills in `observed.orphan_images`: nothing deletes them, so what they were built on stays. An
// error for a repository of which something can't be read.
void ReadOrphanImages(RegistryMemo& registry, Observed& observed);

}  // namespace imglife
