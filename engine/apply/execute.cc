#include "engine/apply/executors.h"

namespace imglife {

ActionResult Execute(const Action& action, const ExecutionContext& context) {
  const absl::Time started = absl::Now();
  ActionResult result;
  switch (action.kind) {
    case ActionKind::kCopy:
      result = ExecuteCopy(action, context);
      break;
    case ActionKind::kArchive:
      result = ExecuteArchive(action, context);
      break;
    case ActionKind::kBuild:
      result = ExecuteBuild(action, context);
      break;
    case ActionKind::kCommit:
      result = ExecuteCommit(action, context);
      break;
    case ActionKind::kDelete:
      result = ExecuteDelete(action, context);
      break;
    case ActionKind::kHook:
      result = ExecuteHook(action, context);
      break;
    case ActionKind::kPublish:
      result = {.state = ResultState::kFailed,
                .message = "publishing to a package registry isn't available in this version"};
      break;
  }
  result.took = absl::Now() - started;
  return result;
}

}  // namespace imglife
