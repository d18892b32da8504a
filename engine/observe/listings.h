// What a run knows of which tags there are.
#pragma once

#include <map>

#include "absl/status/statusor.h"

#include "providers/registry.h"
#include "schema/image/reference.h"

namespace imglife {

// The tags of each repository that was asked for them, or why they can't be read.
using Listings = std::map<Repository, absl::StatusOr<TagList>>;

}  // namespace imglife
