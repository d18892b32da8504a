#include "engine/order/tag_date.h"

#include "absl/time/civil_time.h"

#include "engine/order/characters.h"

namespace imglife {
namespace {

int ToInt(std::string_view digits) {
  int value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

bool IsRealDay(std::string_view digits) {
  const int year = ToInt(digits.substr(0, 4));
  const int month = ToInt(digits.substr(4, 2));
  const int day = ToInt(digits.substr(6, 2));
  if (year < 1990 || year > 2099) return false;
  // CivilDay carries the 31st of February over into March.
  const absl::CivilDay civil(year, month, day);
  return civil.month() == month && civil.day() == day;
}

bool IsRealTime(std::string_view digits) {
  return ToInt(digits.substr(0, 2)) < 24 && ToInt(digits.substr(2, 2)) < 60;
}

std::optional<TagDate> WithDashes(std::string_view text) {
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const std::string_view month = LeadingDigits(text.substr(5));
  const std::string_view day = LeadingDigits(text.substr(8));
  if (month.size() != 2 || day.size() != 2) return std::nullopt;
  const std::string digits = std::string(text.substr(0, 4)) + std::string(month) + std::string(day);
  if (!IsRealDay(digits)) return std::nullopt;
  return TagDate{digits, 10};
}

}  // namespace

std::optional<TagDate> DateAtStart(std::string_view text) {
  const std::string_view digits = LeadingDigits(text);
  if (digits.size() == 4) return WithDashes(text);
  if (digits.size() != 8 && digits.size() != 12) return std::nullopt;
  if (!IsRealDay(digits)) return std::nullopt;
  if (digits.size() == 12 && !IsRealTime(digits.substr(8))) return std::nullopt;
  return TagDate{std::string(digits), digits.size()};
}

}  // namespace imglife
