#include "engine/apply/transfer_turn.h"

namespace imglife {

absl::Status TransferTurn::Begin() {
  refused_ = context_.begin_transfer && !context_.begin_transfer(action_);
  if (!refused_) return absl::OkStatus();
  return absl::CancelledError("the run ended before it transferred anything");
}

ActionResult TransferTurn::Outcome(ActionResult result) const {
  return refused_ && result.state == ResultState::kInterrupted ? NeverStarted() : result;
}

}  // namespace imglife
