// One function for each command: returns the exit code.
#pragma once

#include "engine/cli/console.h"
#include "engine/cli/options.h"
#include "engine/cli/signals.h"
#include "schema/config/read_config.h"

namespace imglife {

struct Session {
  const Options& options;
  const Environment& environment;
  Console& console;
  Signals& signals;
};

int RunValidate(const Session& session);
int RunSchema(const Session& session);
int RunVersion(const Session& session);
int RunPlan(const Session& session);
int RunShow(const Session& session);
int RunApply(const Session& session);
int RunStage(const Session& session);  // sync, build, cleanup, eol update
int RunStatus(const Session& session);

}  // namespace imglife
