// What refers to images that are mirrored or archived, and isn't there yet.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/observe/desired.h"
#include "engine/observe/observed.h"
#include "engine/observe/registry_memo.h"
#include "schema/config/config.h"

namespace imglife {

// Asks for the manifests of tags that mirrors have and whose entries copy referrers. Afterwards
// their digests cost no request.
void FetchReferredImages(const Config& config, const Desired& desired, const Observed& observed,
                         RegistryMemo& registry);

// What the mirrors lack of what refers to their images upstream: for each desired tag of an entry
// with `referrers` whose digest, or that of its source where it is to be copied, was read. Nothing
// is asked for other entries.
void ObserveReferrers(const Config& config, const Desired& desired, RegistryMemo& registry,
                      Observed& observed);

// What the archives lack of these tags, of those whose images they have by name.
void ObserveArchivedCopies(const Config& config,
                           const std::map<Repository, std::vector<std::string>>& candidates,
                           RegistryMemo& registry, Observed& observed);

}  // namespace imglife
