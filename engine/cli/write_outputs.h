// The renderings of a plan that people asked for.
#pragma once

#include "absl/status/status.h"

#include "engine/cli/commands.h"
#include "engine/plan/plan_file.h"

namespace imglife {

// Prints the plan to stdout and writes the files of `session.options.outputs`. An error names the
// file that can't be written.
absl::Status WriteOutputs(const SavedPlan& plan, const Session& session);

}  // namespace imglife
