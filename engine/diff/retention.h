// Which tags of a repository the retention policy lets go, and why each other one stays (stages.md,
// cleanup). Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "engine/observe/desired.h"
#include "engine/observe/observed.h"
#include "schema/config/config.h"

namespace imglife {

struct RetentionVerdict {
  std::string tag;
  bool candidate = false;
  bool placeholder = false;  // left behind by a deletion that was interrupted
  // "412 days old (max_age_days 90)", "beyond the newest 5", "pinned by build.images[0]".
  std::string reason;
  // The same without anything that changes as time passes.
  std::string lasting_reason;
  std::optional<absl::Time> made;
};

struct RetentionResult {
  // Every tag but those that belong to another image, sorted by the bytes of the tag.
  std::vector<RetentionVerdict> tags;
  std::vector<std::string> warnings;
  // Why nothing may be deleted in this repository, if it could not be read completely.
  std::vector<std::string> errors;
};

// `repository` is in the scope of cleanup, and config has a retention section.
RetentionResult JudgeRepository(const Config& config, const Desired& desired,
                                const Observed& observed, const Repository& repository,
                                absl::Time policy_now);

}  // namespace imglife
