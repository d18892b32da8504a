// Which tags the retention policy lets go, and why each other one stays (stages.md, cleanup). Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

#include "engine/observe/desired.h"
#include "engine/observe/observed.h"
#include "engine/plan/problem.h"
#include "schema/config/config.h"

namespace imglife {

// Why a placeholder goes.
inline constexpr const char* kLeftBehind = "left behind by a deletion that was interrupted";

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
  std::vector<Problem> errors;
};

// Tags that stay whatever the policy says, and why.
using TagReasons = std::map<std::string, std::string>;
using NeededTags = std::map<Repository, TagReasons>;

// One repository in the scope of cleanup, of a configuration with a retention section. `needed` is
// kept besides what the configuration itself names.
RetentionResult JudgeRepository(const Config& config, const Desired& desired,
                                const Observed& observed, const Repository& repository,
                                absl::Time policy_now, const TagReasons& needed);

// Every repository in the scope of cleanup. What an image that stays was built on stays too, and so
// does what the Dockerfiles of the configuration name.
std::map<Repository, RetentionResult> JudgeRetention(const Config& config, const Desired& desired,
                                                     const Observed& observed,
                                                     absl::Time policy_now);

// What must stay in the archives though its time is over.
struct ArchiveUse {
  NeededTags needed;
  // Why nothing may be deleted in any archive, if it can't be told what is needed.
  std::vector<Problem> unknown;
};
// What the Dockerfiles of the configuration name there, and what was built on: images that stay or
// are archived now, orphans, and what stays in the archives, which is all but `expired` and what of
// that is needed. The images of the archives were read.
ArchiveUse JudgeArchives(const Config& config, const Desired& desired, const Observed& observed,
                         const std::map<Repository, std::vector<std::string>>& expired);

}  // namespace imglife
