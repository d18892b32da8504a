// What every form of the status report says in the same words. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/report/status_report.h"

namespace imglife {

// Of each base image: what stands on it is known from build records alone, which this version
// doesn't read.
inline constexpr std::string_view kApplications = "not known";

// "🟡 < 90 days".
std::string StateText(EolState state, const StatusReport& report);

// How many rows of each table have each status, a line for each table that has rows:
// "Mirrors: ✅ OK: 3 · 🟡 < 90 days: 0 · …".
std::vector<std::string> CountLines(const StatusReport& report);

// "–" if it isn't known.
std::string DateText(const std::optional<absl::CivilDay>& date);
std::string FlagText(const std::optional<DateOrBool>& flag);

// A digest as far as people compare it; anything else as it is.
std::string ShortDigest(const std::string& digest);

}  // namespace imglife
