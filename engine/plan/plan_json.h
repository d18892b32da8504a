// The parts of plan.json that tell of the whole plan (schema/plan.schema.json).
#pragma once

#include "absl/status/statusor.h"
#include "nlohmann/json_fwd.hpp"

#include "engine/plan/plan.h"

namespace imglife {

// Everything but the digest.
nlohmann::ordered_json PlanAsJson(const Plan& plan);

// InvalidArgument names what is wrong: a field by its path, or what doesn't fit together.
absl::StatusOr<Plan> PlanFromJson(const nlohmann::ordered_json& json);

// Is each action there once, behind all that it needs, and does the summary count them?
// InvalidArgument says what is wrong.
absl::Status CheckConsistent(const Plan& plan, const PlanSummary& stated);

}  // namespace imglife
