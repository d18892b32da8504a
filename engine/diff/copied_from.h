// Tags that sync entries copy from where this configuration itself puts something. Pure.
#pragma once

#include <set>

#include "engine/diff/retention.h"
#include "engine/observe/desired.h"
#include "engine/observe/observed.h"
#include "schema/config/config.h"

namespace imglife {

// Adds what entries copy from one of `repositories`, by whatever name, and which of them do. What a
// deletion left that was killed half-way is no tag.
void KeepCopied(const Config& config, const Desired& desired, const Observed& observed,
                const std::set<Repository>& repositories, NeededTags& needed);

}  // namespace imglife
