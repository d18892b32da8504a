#include "engine/apply/result.h"

namespace imglife {

std::string_view ResultStateName(ResultState state) {
  switch (state) {
    case ResultState::kOk:
      return "ok";
    case ResultState::kSatisfied:
      return "satisfied";
    case ResultState::kFailed:
      return "failed";
    case ResultState::kSkipped:
      return "skipped";
    case ResultState::kBlocked:
      return "blocked";
    case ResultState::kWithheld:
      return "withheld";
    case ResultState::kCancelled:
      return "cancelled";
    case ResultState::kInterrupted:
      return "interrupted";
  }
  return "";
}

ActionResult NeverStarted() {
  return {.state = ResultState::kCancelled, .message = "never started"};
}

}  // namespace imglife
