#include "engine/plan/words.h"

#include <array>

#include "fmt/format.h"

namespace imglife {

std::string SizeText(std::int64_t bytes) {
  if (bytes < 1000) return fmt::format("{} B", bytes);
  constexpr std::array<const char*, 5> kUnits = {"kB", "MB", "GB", "TB", "PB"};
  // Tenths of a unit, rounded half up, in whole numbers: the same on every machine.
  std::int64_t unit = 1000;
  std::size_t at = 0;
  const auto tenths = [&] {
    return bytes / (unit / 10) + (bytes % (unit / 10) * 2 >= unit / 10 ? 1 : 0);
  };
  while (tenths() >= 10'000 && at + 1 < kUnits.size()) {
    unit *= 1000;
    ++at;
  }
  return fmt::format("{}.{} {}", tenths() / 10, tenths() % 10, kUnits[at]);
}

std::string DayText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d", time, absl::UTCTimeZone());
}

std::string CountText(std::size_t count, const std::string& noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string OtherNameText(const std::string& tag, bool goes_too) {
  return fmt::format("{} ({})", tag, goes_too ? "goes too" : "stays");
}

std::string WhyText(const std::string& subject, const absl::Status& status) {
  std::string why(status.message());
  if (why.starts_with(subject + ": ")) why.erase(0, subject.size() + 2);
  return why;
}

std::string PlaceText(const Config& config, const ConfigRule& rule) {
  return fmt::format("{}:{}:{}: {}", config.file, rule.at.line, rule.at.column, rule.path);
}

std::string RuleText(const Config& config, const ConfigRule& rule) {
  return fmt::format("{}: {}", config.file, rule.path);
}

}  // namespace imglife
