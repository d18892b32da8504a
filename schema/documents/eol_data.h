// eol-data.yaml: products and their release cycles (stages.md, eol).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"

#include "schema/text/diagnostics.h"

namespace imglife {

// What endoflife.date's fields hold: a date, yes, no, or (absent) nothing.
struct DateOrBool {
  std::optional<absl::CivilDay> date;
  bool value = false;  // meaningful without a date

  friend bool operator==(const DateOrBool&, const DateOrBool&) = default;
};

// The names are those of the older API (`eol`, `support`, …); only fields that exist have a value.
struct EolCycle {
  std::string cycle;
  std::optional<absl::CivilDay> release_date;
  std::optional<DateOrBool> eol;
  std::optional<std::string> latest;
  std::optional<absl::CivilDay> latest_release_date;
  std::optional<DateOrBool> lts;
  std::optional<DateOrBool> support;
  std::optional<DateOrBool> extended_support;
  std::optional<std::string> codename;
  std::optional<std::string> link;

  friend bool operator==(const EolCycle&, const EolCycle&) = default;
};

// Newest first.
using EolCycles = std::vector<EolCycle>;

struct EolData {
  std::string leading_comments;  // kept as they are, with their newlines
  std::map<std::string, EolCycles> products;
};

// An empty file holds no products. Errors go to `findings`, with their place.
std::optional<EolData> ReadEolData(std::string_view content, Findings& findings);

// Always the same bytes for the same data: products by name, quoted strings, fields in the order
// above.
std::string WriteEolData(const EolData& data);

// What differs, as a person would say it: "alpine 3.22", "eol 2027-05-01 → 2027-06-01".
struct EolCycleChange {
  enum class Kind { kAdded, kChanged, kRemoved };
  Kind kind = Kind::kAdded;
  std::string product;
  std::string cycle;
  std::string what;
};

std::vector<EolCycleChange> CompareEolData(const EolData& before, const EolData& after);

}  // namespace imglife
