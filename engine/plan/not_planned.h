// What a plan has no action for because something could not be read. Plain data.
#pragma once

#include <compare>
#include <string>

#include "engine/plan/action.h"

namespace imglife {

// Something that the configuration wants and that has no action, as whether it needs one can't be
// told.
struct NotPlanned {
  ActionKind kind = ActionKind::kCopy;
  // A reference, "build.images[2]" where that isn't known, or the product of EOL data.
  std::string what;
  // One of the plan's errors.
  std::string reason;

  friend auto operator<=>(const NotPlanned&, const NotPlanned&) = default;
};

}  // namespace imglife
