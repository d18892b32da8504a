// Dates of EOL data as text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/civil_time.h"

#include "schema/documents/eol_data.h"

namespace imglife {

// YYYY-MM-DD and nothing else.
std::optional<absl::CivilDay> ParseDay(std::string_view text);

// "2027-05-01", "yes" or "no".
std::string DateOrBoolText(const DateOrBool& value);

}  // namespace imglife
