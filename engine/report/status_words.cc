#include "engine/report/status_words.h"

#include <algorithm>
#include <string_view>

#include "fmt/format.h"

namespace imglife {
namespace {

template <typename Row>
void AddCounts(std::string_view table, const std::vector<Row>& rows, const StatusReport& report,
               std::vector<std::string>& lines) {
  if (rows.empty()) return;
  std::string line;
  for (const EolState state : {EolState::kOk, EolState::kWarning, EolState::kCritical,
                               EolState::kExpired, EolState::kUnknown}) {
    const auto count =
        std::count_if(rows.begin(), rows.end(), [&](const Row& row) { return row.eol == state; });
    line += fmt::format("{}{}: {}", line.empty() ? "" : " · ", StateText(state, report), count);
  }
  lines.push_back(fmt::format("{}: {}", table, line));
}

}  // namespace

std::string StateText(EolState state, const StatusReport& report) {
  switch (state) {
    case EolState::kOk:
      return "✅ OK";
    case EolState::kWarning:
      return fmt::format("🟡 < {} days", report.warn_days);
    case EolState::kCritical:
      return fmt::format("⚠️ < {} days", report.critical_days);
    case EolState::kExpired:
      return "❌ Expired";
    case EolState::kUnknown:
      return "❔ Unknown";
  }
  return "";
}

std::vector<std::string> CountLines(const StatusReport& report) {
  std::vector<std::string> lines;
  AddCounts("Base images", report.images, report, lines);
  AddCounts("Mirrors", report.mirrors, report, lines);
  return lines;
}

std::string DateText(const std::optional<absl::CivilDay>& date) {
  return date ? absl::FormatCivilTime(*date) : "–";
}

std::string FlagText(const std::optional<DateOrBool>& flag) {
  if (!flag) return "–";
  if (!flag->date) return flag->value ? "yes" : "no";
  return absl::FormatCivilTime(*flag->date);
}

std::string ShortDigest(const std::string& digest) {
  const auto parsed = Digest::Parse(digest);
  return parsed.ok() ? parsed->Short() : digest;
}

}  // namespace imglife
