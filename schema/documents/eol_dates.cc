#include "schema/documents/eol_dates.h"

namespace imglife {

std::optional<absl::CivilDay> ParseDay(std::string_view text) {
  const std::string written(text);
  absl::CivilDay day;
  if (!absl::ParseCivilTime(written, &day) || absl::FormatCivilTime(day) != written) {
    return std::nullopt;
  }
  return day;
}

std::string DateOrBoolText(const DateOrBool& value) {
  if (value.date) return absl::FormatCivilTime(*value.date);
  return value.value ? "yes" : "no";
}

}  // namespace imglife
