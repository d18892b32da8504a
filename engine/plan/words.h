// Small pieces of text that plans are made of. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "schema/config/config.h"

namespace imglife {

// Why a status report is written whose content nobody knows before.
inline constexpr std::string_view kReportFollows = "the report follows what this plan changes";

// "7.4 MB": decimal units, one digit from kB on.
std::string SizeText(std::int64_t bytes);

// "2026-08-20", in UTC.
std::string DayText(absl::Time time);

// "2 platforms", "1 platform".
std::string CountText(std::size_t count, const std::string& noun);

// "3.21.7 (goes too)", "latest (stays)": another tag of what is deleted.
std::string OtherNameText(const std::string& tag, bool goes_too);

// "the host can't be found" of "registry.example.com/app: the host can't be found": why something
// failed, for a sentence that has named `subject` already.
std::string WhyText(const std::string& subject, const absl::Status& status);

// "imglife.yaml:12:5: sync.entries[1]": where the configuration asks for something.
std::string PlaceText(const Config& config, const ConfigRule& rule);

// "imglife.yaml: sync.entries[2]": the same whatever the order of the keys (plan-apply.md, "Same
// inputs, same bytes"), for what a plan keeps.
std::string RuleText(const Config& config, const ConfigRule& rule);

}  // namespace imglife
