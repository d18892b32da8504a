// The names under which entries with os_normalize store tags that name only an OS variant.
#pragma once

#include <map>

#include "absl/status/statusor.h"

#include "engine/observe/desired.h"
#include "engine/observe/registry_memo.h"
#include "schema/config/config.h"

namespace imglife {

// Of the tags that the entries select. Asks for the digest of each, and for those of version tags
// until one has the same: first those that end with the variant, newest first, so that two
// questions are the rule. No more than a hundred are compared with one tag.
OsNames FindOsNames(const Config& config, const Listings& listed, RegistryMemo& registry);

}  // namespace imglife
