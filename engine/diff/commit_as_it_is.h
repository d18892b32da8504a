// Files that git doesn't have as they should be: those that say already what is wanted, and those
// that it can't have.
#pragma once

#include <string>

#include "absl/status/statusor.h"

#include "engine/diff/stage_diff.h"
#include "engine/plan/action.h"
#include "schema/config/config.h"

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

// Of a commit that writes its file and makes no commit, as SECTION.git.commit is false, --commit is
// not given or the file is in no git work tree: a remark that says so, and in the last case a
// warning.
void TellOfNoCommit(const std::string& section, const GitSettings& git, bool in_work_tree,
                    Action& action, StageDiff& diff);

}  // namespace imglife
