// What each stage's diff gives: desired × observed → actions with reasons. Diffs are pure.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "engine/plan/action.h"
#include "engine/plan/not_planned.h"
#include "engine/plan/problem.h"
#include "schema/image/reference.h"

namespace imglife {

struct StageDiff {
  std::vector<Action> actions;
  std::vector<std::string> warnings;
  // What could not be planned because it could not be read or isn't there; the rest of the plan
  // stands.
  std::vector<Problem> errors;
  // What has no action because of one of these errors, or of one of Desired's: its text.
  std::vector<NotPlanned> not_planned;
  // Repositories in which something that the configuration wants could not be planned: nothing may
  // be deleted there.
  std::set<Repository> unplanned;
};

}  // namespace imglife
