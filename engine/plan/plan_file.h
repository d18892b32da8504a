// plan.json (plan-apply.md, "plan.json"; schema/plan.schema.json).
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "engine/plan/plan.h"

namespace imglife {

// Always the same bytes for the same plan; ends with a newline.
std::string WritePlan(const Plan& plan);

// FailedPrecondition for another major format; InvalidArgument for anything truncated, altered or
// inconsistent, with what is wrong and where. Unknown keys are ignored.
absl::StatusOr<Plan> ReadPlan(std::string_view content);

// May this plan be applied? FailedPrecondition if it has expired at `now`, or was made for another
// configuration.
absl::Status CheckApplicable(const Plan& plan, const std::string& config_digest, absl::Time now);

// plan.schema.json, as built into the program.
std::string_view PlanJsonSchema();

}  // namespace imglife
