// The files that imglife writes (EOL data, status), as they are now and as git has them.
//
// The questions are added to `tasks`; each fills in its own part of `observed`, so that all may run
// together. Everything outlives the tasks. A file that isn't there is no error.
#pragma once

#include <set>
#include <vector>

#include "engine/observe/observed.h"
#include "engine/observe/parallel.h"
#include "engine/observe/world.h"
#include "engine/plan/action.h"
#include "schema/config/config.h"

namespace imglife {

// What is in them. An EOL data file with findings is an error that names the first of them.
void AddLocalFiles(const Config& config, Observed& observed, std::vector<Task>& tasks);

// The commit of the configuration's work tree, and, for those of the files that `stages` write and
// commit, whether they are as it has them.
void AddGit(const Config& config, const std::set<Stage>& stages, const World& world,
            Observed& observed, std::vector<Task>& tasks);

}  // namespace imglife
