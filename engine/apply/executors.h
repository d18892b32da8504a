// One executor for each kind of action; Execute picks.
#pragma once

#include "engine/apply/executor.h"

namespace imglife {

ActionResult ExecuteArchive(const Action& action, const ExecutionContext& context);
ActionResult ExecuteCopy(const Action& action, const ExecutionContext& context);
ActionResult ExecuteBuild(const Action& action, const ExecutionContext& context);
ActionResult ExecuteCommit(const Action& action, const ExecutionContext& context);
ActionResult ExecuteDelete(const Action& action, const ExecutionContext& context);
ActionResult ExecuteHook(const Action& action, const ExecutionContext& context);

}  // namespace imglife
