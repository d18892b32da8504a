// Waiting that ends when the process shall end.
#pragma once

#include <functional>

#include "absl/time/time.h"

namespace imglife {

// Sleeps for `time`. False at once, or within a tenth of a second, where `stopped` says so.
bool SleepUnless(const std::function<bool()>& stopped, absl::Duration time);

}  // namespace imglife
