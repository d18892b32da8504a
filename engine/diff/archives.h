// Archived tags whose time is over (stages.md, cleanup). Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "engine/diff/stage_diff.h"
#include "engine/observe/desired.h"
#include "engine/observe/observed.h"
#include "schema/config/config.h"

namespace imglife {

// Those that were archived more than archive.keep_days ago, and placeholders, by archive, sorted. A
// tag without a date, or whose date can't be read, is not among them, nor an image that
// exclude_tags keeps where it came from.
std::map<Repository, std::vector<std::string>> ExpiredArchives(const Config& config,
                                                               const Desired& desired,
                                                               const Observed& observed,
                                                               absl::Time policy_now);

// Their deletions, but for tags that something needs (JudgeArchives) or that `archiving` (actions
// of this plan) archives again; what can't be read; and a warning about tags without a date.
StageDiff DiffArchives(const Config& config, const Desired& desired, const Observed& observed,
                       absl::Time policy_now, const std::vector<Action>& archiving);

}  // namespace imglife
