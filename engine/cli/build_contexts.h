// `imglife build --output-dir`: what kaniko or buildah needs to build the planned images
// (stages.md, build).
#pragma once

#include <string>

#include "engine/cli/console.h"
#include "engine/cli/real_world.h"
#include "engine/cli/stage_summary.h"
#include "engine/plan/plan.h"
#include "schema/config/config.h"

namespace imglife {

// DIRECTORY/NAME/ for each planned build: Dockerfile (with the image's labels), the context's
// files, build.json; whole or not at all. DIRECTORY is there afterwards, also if nothing has to be
// built. The closing line counts every image of `extent` once. Returns the exit code. In a dry run
// nothing is written, and everything is checked.
int WriteBuildContexts(const std::string& directory, const Config& config, const Plan& plan,
                       const StageExtent& extent, RealWorld& world, Console& console, bool dry_run);

}  // namespace imglife
