// plan.json (plan-apply.md, "plan.json"; schema/plan.schema.json).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "engine/plan/plan.h"

namespace imglife {

// What a configuration takes from elsewhere, by what it is ("variable TAG", "template of
// build.images[0]"): the digest of what it was.
using PlanInputs = std::map<std::string, std::string>;

// A plan and what it was made with.
struct SavedPlan : Plan {
  SavedPlan() = default;
  SavedPlan(Plan plan, PlanInputs with) : Plan(std::move(plan)), inputs(std::move(with)) {}

  PlanInputs inputs;
};

// Always the same bytes for the same plan; ends with a newline.
std::string WritePlan(const SavedPlan& plan);
// Of a plan that was made with nothing else.
std::string WritePlan(const Plan& plan);

// FailedPrecondition for another major format; InvalidArgument for anything truncated, altered or
// inconsistent, with what is wrong and where. Unknown keys are ignored.
absl::StatusOr<SavedPlan> ReadPlan(std::string_view content);

// May this plan be applied? FailedPrecondition if it has expired at `now`, or was made for another
// configuration.
absl::Status CheckApplicable(const Plan& plan, const std::string& config_digest, absl::Time now);

// Is all that the plan's configuration takes from elsewhere what it was? FailedPrecondition names
// everything that isn't.
absl::Status CheckSameInputs(const SavedPlan& plan, const PlanInputs& now);

// plan.schema.json, as built into the program.
std::string_view PlanJsonSchema();

}  // namespace imglife
