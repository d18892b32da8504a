#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "fmt/format.h"

#include "schema/config/domain.h"
#include "schema/config/fields.h"
#include "schema/config/scalars.h"
#include "schema/config/sections.h"
#include "schema/image/reference.h"

namespace imglife {
namespace {

void ReadExcludedTag(const Value& item, RetentionRule& rule) {
  const std::string& raw = item.node().text();
  if (!raw.starts_with('/')) {
    if (std::optional<std::string> tag = ReadTag(item)) rule.exclude_tags.push_back(*tag);
    return;
  }
  if (item.HoldsCredential()) return;
  if (raw.size() < 2 || !raw.ends_with('/')) {
    item.Report("bad-regex", "a regular expression stands between two slashes: /^stable-/");
    return;
  }
  const std::string pattern = raw.substr(1, raw.size() - 2);
  if (CheckRegex(item, pattern, 1, std::nullopt)) rule.exclude_tag_regexes.push_back(pattern);
}

void ReadExcludedTags(const Value& value, RetentionRule& rule) {
  rule.exclude_tags.clear();
  rule.exclude_tag_regexes.clear();
  for (const Value& item : ReadList(value)) ReadExcludedTag(item, rule);
}

void ReadOrder(const Value& value, RetentionRule& rule) {
  static constexpr std::array<std::pair<std::string_view, RetentionOrder>, 2> kWords = {
      {{"age", RetentionOrder::kAge}, {"version", RetentionOrder::kVersion}}};
  Assign(rule.order, ReadWord(value, kWords));
}

void ReadKeepLast(const Value& value, RetentionRule& rule) {
  Assign(rule.keep_last, ReadInteger(value, 0, kMostCount));
}

void ReadRuleKeepLastPer(const Value& value, RetentionRule& rule) {
  Assign(rule.keep_last_per, ReadKeepLastPer(value));
}

void ReadMaxAge(const Value& value, RetentionRule& rule) {
  Assign(rule.max_age_days, ReadInteger(value, 1, kMostDays));
}

// A column for the rule that both the section and its overrides have.
template <auto part, void (*read)(const Value&, RetentionRule&), typename T>
void ReadRulePart(const Value& value, T& out) {
  read(value, out.*part);
}

constexpr Field<RetentionArchive> kArchiveFields[] = {
    {"enabled", [](const Value& value,
                   RetentionArchive& archive) { Assign(archive.enabled, ReadBool(value)); }},
    {"registry", [](const Value& value,
                    RetentionArchive& archive) { archive.registry = ReadRepositoryPrefix(value); }},
    {"keep_days",
     [](const Value& value, RetentionArchive& archive) {
       Assign(archive.keep_days, ReadInteger(value, 1, kMostDays));
     }},
};

void ReadArchive(const Value& value, Retention& retention) {
  ReadFields(value, kArchiveFields, retention.archive);
  if (retention.archive.enabled && !value.Find("registry")) {
    value.ReportAt(value.Rule().at, "missing-key",
                   "`registry` is missing: where are tags archived to?");
  }
}

constexpr Field<RetentionGuard> kGuardFields[] = {
    {"max_delete_percent",
     [](const Value& value, RetentionGuard& guard) {
       Assign(guard.max_delete_percent, ReadInteger(value, 0, 100));
     }},
    {"max_deletes",
     [](const Value& value, RetentionGuard& guard) {
       Assign(guard.max_deletes, ReadInteger(value, 0, kMostCount));
     }},
    {"min_keep",
     [](const Value& value, RetentionGuard& guard) {
       Assign(guard.min_keep, ReadInteger(value, 0, kMostCount));
     }},
};

constexpr Field<RetentionOverride> kOverrideFields[] = {
    {"match",
     [](const Value& value, RetentionOverride& out) { Assign(out.match, ReadRegex(value)); }, true},
    {"keep_last", ReadRulePart<&RetentionOverride::rule, ReadKeepLast>},
    {"keep_last_per", ReadRulePart<&RetentionOverride::rule, ReadRuleKeepLastPer>},
    {"order", ReadRulePart<&RetentionOverride::rule, ReadOrder>},
    {"max_age_days", ReadRulePart<&RetentionOverride::rule, ReadMaxAge>},
    {"exclude_tags", ReadRulePart<&RetentionOverride::rule, ReadExcludedTags>},
};

// What is never deleted anywhere is never deleted here.
void AddExclusions(const RetentionRule& defaults, RetentionRule& rule) {
  const auto add = [](const std::vector<std::string>& more, std::vector<std::string>& all) {
    for (const std::string& tag : more) {
      if (std::find(all.begin(), all.end(), tag) == all.end()) all.push_back(tag);
    }
  };
  add(defaults.exclude_tags, rule.exclude_tags);
  add(defaults.exclude_tag_regexes, rule.exclude_tag_regexes);
}

void ReadOverrides(const Value& value, Retention& retention) {
  for (const Value& item : ReadList(value)) {
    RetentionOverride repositories;
    repositories.rule = retention.defaults;
    repositories.rule.rule = item.Rule();
    if (!ReadFields(item, kOverrideFields, repositories)) continue;
    AddExclusions(retention.defaults, repositories.rule);
    retention.repositories.push_back(std::move(repositories));
  }
}

// The overrides come last: they inherit the rest.
constexpr Field<Retention> kRetentionFields[] = {
    {"keep_last", ReadRulePart<&Retention::defaults, ReadKeepLast>},
    {"order", ReadRulePart<&Retention::defaults, ReadOrder>},
    {"keep_last_per", ReadRulePart<&Retention::defaults, ReadRuleKeepLastPer>},
    {"max_age_days", ReadRulePart<&Retention::defaults, ReadMaxAge>},
    {"exclude_tags", ReadRulePart<&Retention::defaults, ReadExcludedTags>},
    {"archive", ReadArchive},
    {"guard",
     [](const Value& value, Retention& out) { ReadFields(value, kGuardFields, out.guard); }},
    {"repositories", ReadOverrides},
};

}  // namespace

Retention DecodeRetention(const Value& value) {
  Retention retention;
  retention.defaults.rule = value.Rule();
  ReadFields(value, kRetentionFields, retention);
  return retention;
}

}  // namespace imglife
