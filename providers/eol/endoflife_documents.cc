#include "providers/eol/endoflife_documents.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/time/civil_time.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

#include "schema/documents/eol_dates.h"
#include "schema/text/escape.h"

namespace imglife {
namespace {

using Json = nlohmann::json;

absl::Status Unexpected(const std::string& what) {
  return absl::InvalidArgumentError(what);
}

// A field that isn't there and one that is null are the same.
const Json* Find(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

// Reads fields of one cycle and remembers the first that has a wrong type.
class FieldReader {
 public:
  explicit FieldReader(const Json& object) : object_(object) {}

  const absl::Status& status() const { return status_; }

  std::optional<std::string> Text(const char* name) {
    const Json* value = Find(object_, name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_string()) return Fail(name, "a string");
    std::string text = value->get<std::string>();
    if (EscapeControl(text) != text) return Fail(name, "free of control characters");
    return text;
  }

  std::optional<absl::CivilDay> Day(const char* name) {
    const std::optional<std::string> text = Text(name);
    if (!text.has_value()) return std::nullopt;
    const std::optional<absl::CivilDay> day = ParseDay(*text);
    if (!day.has_value()) return Fail(name, "a date as YYYY-MM-DD");
    return day;
  }

  std::optional<bool> Bool(const char* name) {
    const Json* value = Find(object_, name);
    if (value == nullptr) return std::nullopt;
    if (value->is_boolean()) return value->get<bool>();
    return Fail(name, "true or false");
  }

  // One field that holds either, as the older API has them.
  std::optional<DateOrBool> DayOrBool(const char* name) {
    const Json* value = Find(object_, name);
    if (value == nullptr) return std::nullopt;
    if (value->is_boolean()) return DateOrBool{std::nullopt, value->get<bool>()};
    const std::optional<absl::CivilDay> day = Day(name);
    if (!day.has_value()) return std::nullopt;
    return DateOrBool{day, false};
  }

  // Two fields, as API v1 has them; `inverted` where `flag` says the opposite of the older field.
  std::optional<DateOrBool> DayOrBool(const char* from, const char* flag, bool inverted) {
    const std::optional<absl::CivilDay> day = Day(from);
    if (day.has_value()) return DateOrBool{day, false};
    const std::optional<bool> value = Bool(flag);
    if (!value.has_value()) return std::nullopt;
    return DateOrBool{std::nullopt, *value != inverted};
  }

  std::nullopt_t Fail(const char* name, const char* expected) {
    if (status_.ok()) status_ = Unexpected(fmt::format("`{}` is not {}", name, expected));
    return std::nullopt;
  }

 private:
  const Json& object_;
  absl::Status status_;
};

absl::Status ReadLatestV1(const Json& release, EolCycle& cycle) {
  const Json* latest = Find(release, "latest");
  if (latest == nullptr) return absl::OkStatus();
  if (!latest->is_object()) return Unexpected("`latest` is not an object");
  FieldReader fields(*latest);
  cycle.latest = fields.Text("name");
  cycle.latest_release_date = fields.Day("date");
  cycle.link = fields.Text("link");
  return fields.status();
}

absl::StatusOr<EolCycle> ReadCycleV1(const Json& release) {
  FieldReader fields(release);
  EolCycle cycle;
  cycle.cycle = fields.Text("name").value_or("");
  cycle.codename = fields.Text("codename");
  cycle.release_date = fields.Day("releaseDate");
  cycle.eol = fields.DayOrBool("eolFrom", "isEol", false);
  cycle.lts = fields.DayOrBool("ltsFrom", "isLts", false);
  cycle.support = fields.DayOrBool("eoasFrom", "isEoas", true);
  cycle.extended_support = fields.DayOrBool("eoesFrom", "isEoes", true);
  // A product with the column and a cycle without a value: the older API says `false`.
  if (!cycle.extended_support.has_value() && release.contains("isEoes")) {
    cycle.extended_support = DateOrBool{};
  }
  if (!fields.status().ok()) return fields.status();
  const absl::Status latest = ReadLatestV1(release, cycle);
  if (!latest.ok()) return latest;
  return cycle;
}

absl::StatusOr<EolCycle> ReadCycleV0(const Json& object) {
  FieldReader fields(object);
  EolCycle cycle;
  cycle.cycle = fields.Text("cycle").value_or("");
  cycle.release_date = fields.Day("releaseDate");
  cycle.eol = fields.DayOrBool("eol");
  cycle.latest = fields.Text("latest");
  cycle.latest_release_date = fields.Day("latestReleaseDate");
  cycle.lts = fields.DayOrBool("lts");
  cycle.support = fields.DayOrBool("support");
  cycle.extended_support = fields.DayOrBool("extendedSupport");
  cycle.codename = fields.Text("codename");
  cycle.link = fields.Text("link");
  if (!fields.status().ok()) return fields.status();
  return cycle;
}

template <typename ReadCycle>
absl::StatusOr<EolCycles> ReadCycles(const Json& list, ReadCycle read) {
  if (list.size() > kMostEolCycles) {
    return Unexpected(fmt::format("it has {} cycles, more than {}", list.size(), kMostEolCycles));
  }
  EolCycles cycles;
  cycles.reserve(list.size());
  std::set<std::string> names;
  for (const Json& item : list) {
    if (!item.is_object()) return Unexpected("a cycle is not an object");
    absl::StatusOr<EolCycle> cycle = read(item);
    if (!cycle.ok()) {
      return Unexpected(
          fmt::format("cycle {}: {}", cycles.size() + 1, std::string(cycle.status().message())));
    }
    if (cycle->cycle.empty()) {
      return Unexpected(fmt::format("cycle {} has no name", cycles.size() + 1));
    }
    if (!names.insert(cycle->cycle).second) {
      return Unexpected(fmt::format("cycle {} is there twice", cycle->cycle));
    }
    cycles.push_back(*std::move(cycle));
  }
  return cycles;
}

Json ParseJson(std::string_view body) {
  return Json::parse(body.begin(), body.end(), nullptr, /*allow_exceptions=*/false);
}

void AddNames(const Json& product, std::vector<std::string>& names) {
  if (product.is_string()) names.push_back(product.get<std::string>());
  if (!product.is_object()) return;
  if (const Json* name = Find(product, "name"); name != nullptr && name->is_string()) {
    names.push_back(name->get<std::string>());
  }
  const Json* aliases = Find(product, "aliases");
  if (aliases == nullptr || !aliases->is_array()) return;
  for (const Json& alias : *aliases) {
    if (alias.is_string()) names.push_back(alias.get<std::string>());
  }
}

// A document without a name, as older mirrors have it, doesn't tell what it is about.
absl::Status CheckProduct(const Json& result, std::string_view product) {
  std::vector<std::string> names;
  AddNames(result, names);
  const Json* name = Find(result, "name");
  if (name == nullptr) return absl::OkStatus();
  if (!name->is_string()) return Unexpected("`result.name` is not a string");
  const std::string wanted(product);
  const bool named = std::any_of(names.begin(), names.end(), [&](const std::string& one) {
    return absl::EqualsIgnoreCase(one, wanted);
  });
  if (named) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("it is about {}, not about {}", EscapeControl(names.front()), product));
}

}  // namespace

absl::StatusOr<EolCycles> ParseProductV1(std::string_view body, std::string_view product) {
  const Json document = ParseJson(body);
  if (document.is_discarded()) return Unexpected("it is not JSON");
  if (!document.is_object()) return Unexpected("it is not an object");
  const Json* result = Find(document, "result");
  if (result == nullptr || !result->is_object()) return Unexpected("it has no object `result`");
  const absl::Status asked_for = CheckProduct(*result, product);
  if (!asked_for.ok()) return asked_for;
  const Json* releases = Find(*result, "releases");
  if (releases == nullptr || !releases->is_array()) {
    return Unexpected("it has no list `result.releases`");
  }
  return ReadCycles(*releases, ReadCycleV1);
}

absl::StatusOr<EolCycles> ParseProductV0(std::string_view body) {
  const Json document = ParseJson(body);
  if (document.is_discarded()) return Unexpected("it is not JSON");
  if (!document.is_array()) return Unexpected("it is not a list of cycles");
  return ReadCycles(document, ReadCycleV0);
}

std::vector<std::string> ParseProductNames(std::string_view body) {
  const Json document = ParseJson(body);
  std::vector<std::string> names;
  const Json* list = document.is_object() ? Find(document, "result") : &document;
  if (list == nullptr || !list->is_array()) return names;
  for (const Json& product : *list) AddNames(product, names);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace imglife
