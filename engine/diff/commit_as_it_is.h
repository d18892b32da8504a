// Files that git doesn't have as they should be: those that say already what is wanted, and those
// that it can't have.
#pragma once

#include <string>

#include "absl/status/statusor.h"

#include "engine/diff/stage_diff.h"
#include "engine/plan/action.h"

namespace imglife {

struct WrittenFile {
  Stage stage = Stage::kEol;
  std::string name;  // as written in the configuration
  ConfigRule rule;
  std::string content;
};

// The commit of the file as it is, if it is `uncommitted`. Where git can't tell, a warning.
void PlanCommitAsItIs(const WrittenFile& file, const absl::StatusOr<bool>& uncommitted,
                      StageDiff& diff);

// A warning: `file` is in no git work tree, so the commit that SECTION.git.commit asks for is not
// made.
void WarnOfNoCommit(const std::string& section, const std::string& file, StageDiff& diff);

}  // namespace imglife
