#include "engine/apply/await_transfer.h"

namespace imglife {

absl::Status AwaitTransfer(const Action& action, const ExecutionContext& context) {
  if (!context.begin_transfer || context.begin_transfer(action)) return absl::OkStatus();
  return absl::CancelledError("the run ended before it transferred anything");
}

}  // namespace imglife
