#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "schema/documents/eol_data.h"
#include "schema/documents/eol_dates.h"

namespace imglife {
namespace {

std::string Text(const std::optional<std::string>& value) {
  return value.value_or("");
}
std::string Text(const std::optional<absl::CivilDay>& value) {
  return value ? absl::FormatCivilTime(*value) : "";
}
std::string Text(const std::optional<DateOrBool>& value) {
  return value ? DateOrBoolText(*value) : "";
}

template <typename T>
void Compare(std::string_view name, const T& before, const T& after,
             std::vector<std::string>& differences) {
  if (before == after) return;
  if (!before) {
    differences.push_back(fmt::format("{} {}", name, Text(after)));
  } else if (!after) {
    differences.push_back(fmt::format("{} {} is gone", name, Text(before)));
  } else {
    differences.push_back(fmt::format("{} {} → {}", name, Text(before), Text(after)));
  }
}

std::string Differences(const EolCycle& before, const EolCycle& after) {
  std::vector<std::string> all;
  Compare("eol", before.eol, after.eol, all);
  Compare("support", before.support, after.support, all);
  Compare("extended support", before.extended_support, after.extended_support, all);
  Compare("lts", before.lts, after.lts, all);
  Compare("latest", before.latest, after.latest, all);
  Compare("latest release", before.latest_release_date, after.latest_release_date, all);
  Compare("released", before.release_date, after.release_date, all);
  Compare("codename", before.codename, after.codename, all);
  Compare("link", before.link, after.link, all);
  return fmt::format("{}", fmt::join(all, ", "));
}

const EolCycle* Find(const EolCycles& cycles, const std::string& name) {
  const auto found = std::find_if(cycles.begin(), cycles.end(),
                                  [&name](const EolCycle& cycle) { return cycle.cycle == name; });
  return found == cycles.end() ? nullptr : &*found;
}

std::string WhatIsNew(const EolCycle& cycle) {
  return cycle.eol ? fmt::format("eol {}", DateOrBoolText(*cycle.eol)) : "";
}

using Kind = EolCycleChange::Kind;

void CompareProduct(const std::string& product, const EolCycles& before, const EolCycles& after,
                    std::vector<EolCycleChange>& changes) {
  for (const EolCycle& cycle : after) {
    const EolCycle* old = Find(before, cycle.cycle);
    if (old == nullptr) {
      changes.push_back({Kind::kAdded, product, cycle.cycle, WhatIsNew(cycle)});
    } else if (*old != cycle) {
      changes.push_back({Kind::kChanged, product, cycle.cycle, Differences(*old, cycle)});
    }
  }
  for (const EolCycle& cycle : before) {
    if (Find(after, cycle.cycle) == nullptr) {
      changes.push_back({Kind::kRemoved, product, cycle.cycle, ""});
    }
  }
}

const EolCycles& CyclesOf(const EolData& data, const std::string& product) {
  static const EolCycles kNone;
  const auto found = data.products.find(product);
  return found == data.products.end() ? kNone : found->second;
}

}  // namespace

std::vector<EolCycleChange> CompareEolData(const EolData& before, const EolData& after) {
  std::set<std::string> products;
  for (const auto& [product, cycles] : before.products) products.insert(product);
  for (const auto& [product, cycles] : after.products) products.insert(product);
  std::vector<EolCycleChange> changes;
  for (const std::string& product : products) {
    CompareProduct(product, CyclesOf(before, product), CyclesOf(after, product), changes);
  }
  return changes;
}

}  // namespace imglife
