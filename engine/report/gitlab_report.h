// GitLab's Terraform report (`artifacts:reports:terraform`).
#pragma once

#include <string>

#include "engine/plan/plan.h"

namespace imglife {

// {"create":A,"update":C,"delete":D,"blocked":B} and a newline.
std::string GitLabReport(const PlanSummary& summary);

}  // namespace imglife
