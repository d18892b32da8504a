// Fills a RepositoryUse from a registry: for the plan and, anew, for each deletion.
#pragma once

#include <vector>

#include "absl/status/status.h"

#include "engine/observe/registry_memo.h"
#include "engine/observe/repository_use.h"
#include "schema/image/reference.h"

namespace imglife {

// Reads these manifests and everything that they lead to (children of indexes, subjects, and
// theirs), level by level, all of one level in flight together. NotFound if one of `from` isn't
// there; of what they lead to it is no error: what isn't there can't be deleted, and nothing can
// depend on it. ResourceExhausted where one of them leads to more than an image may consist of
// (image_limits.h). After an error `use` has gaps.
absl::Status ReadLinked(RegistryMemo& registry, const Repository& repository,
                        std::vector<Digest> from, RepositoryUse& use);

}  // namespace imglife
