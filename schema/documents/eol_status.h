// Which cycle a tag belongs to, and how it stands on a day (stages.md, eol). Pure.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/civil_time.h"

#include "schema/config/config.h"
#include "schema/documents/eol_data.h"

namespace imglife {

enum class EolState { kOk, kWarning, kCritical, kExpired, kUnknown };

// "ok", "warning", "critical", "expired", "unknown".
std::string_view EolStateName(EolState state);

// The cycle of `tag`, or null: see stages.md, "Cycle of a tag".
const EolCycle* CycleOfTag(std::string_view tag, const LifecycleRef& lifecycle,
                           const EolCycles& cycles);

// The EOL day itself is still supported. A null cycle, or one without `eol`, is unknown.
EolState EolStateOn(absl::CivilDay day, const EolCycle* cycle, std::int64_t warn_days,
                    std::int64_t critical_days);

// "2027-05-01", "no" (eol false), "yes" (eol true, no date known) or "" (unknown).
std::string EolDateText(const EolCycle* cycle);

// The newest cycle that is ok on `day`, or null.
const EolCycle* NewestSupportedCycle(absl::CivilDay day, const EolCycles& cycles);

}  // namespace imglife
