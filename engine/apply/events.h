// What happens during an apply, told as it happens. Progress, the events file, JUnit and the
// closing line are fed from these and from nothing else.
#pragma once

#include "engine/apply/result.h"
#include "engine/plan/plan.h"

namespace imglife {

// Thread safety: called from one thread at a time.
class ApplyObserver {
 public:
  virtual ~ApplyObserver() = default;
  virtual void OnStart(const Plan& plan) = 0;
  virtual void OnActionStart(const Action& action) = 0;
  virtual void OnActionEnd(const Action& action, const ActionResult& result) = 0;
};

}  // namespace imglife
