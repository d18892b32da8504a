// What each stage's diff gives: desired × observed → actions with reasons. Diffs are pure.
#pragma once

#include <string>
#include <vector>

#include "engine/plan/action.h"

namespace imglife {

struct StageDiff {
  std::vector<Action> actions;
  std::vector<std::string> warnings;
  // What could not be planned because it could not be read or isn't there; the rest of the plan
  // stands.
  std::vector<std::string> errors;
};

}  // namespace imglife
