#include "schema/documents/eol_status.h"

#include <algorithm>
#include <optional>

#include <re2/re2.h>

#include "schema/documents/eol_dates.h"

namespace imglife {
namespace {

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// The numbers that `text` starts with, after an optional v: "1.22.3" of "v1.22.3-alpine3.21".
std::string_view LeadingVersion(std::string_view text) {
  if (text.starts_with('v')) text.remove_prefix(1);
  std::size_t end = 0;
  while (end < text.size() &&
         (IsDigit(text[end]) ||
          (text[end] == '.' && end > 0 && end + 1 < text.size() && IsDigit(text[end + 1])))) {
    ++end;
  }
  return text.substr(0, end);
}

std::string_view FirstComponents(std::string_view version, int count) {
  std::size_t end = 0;
  while (count-- > 0 && end != std::string_view::npos) {
    end = version.find('.', end == 0 ? 0 : end + 1);
  }
  return version.substr(0, end);
}

std::string_view Cut(std::string_view version, LifecycleExtract extract) {
  switch (extract) {
    case LifecycleExtract::kMajor:
      return FirstComponents(version, 1);
    case LifecycleExtract::kMinor:
      return FirstComponents(version, 2);
    case LifecycleExtract::kPatch:
      return FirstComponents(version, 3);
    case LifecycleExtract::kFull:
    case LifecycleExtract::kRegex:
      return version;
  }
  return version;
}

bool IsComponentPrefix(std::string_view cycle, std::string_view version) {
  return version.starts_with(cycle) &&
         (version.size() == cycle.size() || version[cycle.size()] == '.');
}

const EolCycle* LongestPrefix(std::string_view version, const EolCycles& cycles) {
  const EolCycle* longest = nullptr;
  if (version.empty()) return longest;
  for (const EolCycle& cycle : cycles) {
    if (!IsComponentPrefix(cycle.cycle, version)) continue;
    if (longest == nullptr || cycle.cycle.size() > longest->cycle.size()) longest = &cycle;
  }
  return longest;
}

// "bookworm" of "Bookworm" or of "Jammy Jellyfish".
std::string FirstWordLowerCase(std::string_view codename) {
  std::string word(codename.substr(0, codename.find(' ')));
  for (char& c : word) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return word;
}

const EolCycle* ByCodename(std::string_view text, const EolCycles& cycles) {
  const std::string_view name = text.substr(0, text.find('-'));
  const auto found = std::find_if(cycles.begin(), cycles.end(), [name](const EolCycle& cycle) {
    return cycle.codename && !name.empty() && FirstWordLowerCase(*cycle.codename) == name;
  });
  return found == cycles.end() ? nullptr : &*found;
}

std::optional<std::string> GroupOf(const std::string& regex, std::string_view tag) {
  const RE2 expression(regex, RE2::Quiet);
  std::string group;
  if (!expression.ok() ||
      !RE2::PartialMatch(re2::StringPiece(tag.data(), tag.size()), expression, &group)) {
    return std::nullopt;
  }
  return group;
}

}  // namespace

std::string_view EolStateName(EolState state) {
  switch (state) {
    case EolState::kOk:
      return "ok";
    case EolState::kWarning:
      return "warning";
    case EolState::kCritical:
      return "critical";
    case EolState::kExpired:
      return "expired";
    case EolState::kUnknown:
      return "unknown";
  }
  return "unknown";
}

const EolCycle* CycleOfTag(std::string_view tag, const LifecycleRef& lifecycle,
                           const EolCycles& cycles) {
  std::string text(tag);
  if (lifecycle.extract == LifecycleExtract::kRegex) {
    const std::optional<std::string> group = GroupOf(lifecycle.regex, tag);
    if (!group) return nullptr;
    text = *group;
  }
  const std::string_view version = Cut(LeadingVersion(text), lifecycle.extract);
  const EolCycle* cycle = LongestPrefix(version, cycles);
  return cycle != nullptr ? cycle : ByCodename(text, cycles);
}

EolState EolStateOn(absl::CivilDay day, const EolCycle* cycle, std::int64_t warn_days,
                    std::int64_t critical_days) {
  if (cycle == nullptr || !cycle->eol) return EolState::kUnknown;
  if (!cycle->eol->date) return cycle->eol->value ? EolState::kExpired : EolState::kOk;
  const std::int64_t left = *cycle->eol->date - day;
  if (left < 0) return EolState::kExpired;
  if (left <= critical_days) return EolState::kCritical;
  return left <= warn_days ? EolState::kWarning : EolState::kOk;
}

std::string EolDateText(const EolCycle* cycle) {
  return cycle == nullptr || !cycle->eol ? std::string() : DateOrBoolText(*cycle->eol);
}

const EolCycle* NewestSupportedCycle(absl::CivilDay day, const EolCycles& cycles) {
  const auto found = std::find_if(cycles.begin(), cycles.end(), [day](const EolCycle& cycle) {
    return EolStateOn(day, &cycle, -1, -1) == EolState::kOk;
  });
  return found == cycles.end() ? nullptr : &*found;
}

}  // namespace imglife
