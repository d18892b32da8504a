#include "schema/config/fields.h"

#include <algorithm>

#include "fmt/format.h"
#include "fmt/ranges.h"

#include "schema/text/secrets.h"
#include "schema/text/suggest.h"

namespace imglife {
namespace {

Finding UnknownKey(const std::string& key, const std::vector<std::string>& unused) {
  Finding finding;
  finding.code = "unknown-key";
  finding.message = fmt::format("unknown key `{}`", key);
  if (const std::optional<std::string> near = NearestWord(key, unused)) {
    finding.suggestion = *near;
    finding.message += fmt::format(", did you mean `{}`?", *near);
  } else if (!unused.empty()) {
    finding.message += fmt::format("; what may stand here: {}", fmt::join(unused, ", "));
  }
  return finding;
}

}  // namespace

bool CheckMapping(const Value& value) {
  if (value.node().IsMapping()) return true;
  value.ReportType("a mapping");
  return false;
}

void ReportUnknownKeys(const Value& mapping, const std::vector<std::string_view>& known) {
  std::vector<std::string> unused;
  for (const std::string_view key : known) {
    if (mapping.node().Find(key) == nullptr) unused.emplace_back(key);
  }
  for (const YamlEntry& entry : mapping.node().entries()) {
    const bool is_known = std::find(known.begin(), known.end(), entry.key) != known.end();
    if (is_known || entry.key.starts_with("x-") || IsCredential(entry.key)) continue;
    Finding finding = UnknownKey(entry.key, unused);
    finding.at = entry.key_at;
    mapping.Member(entry).Add(std::move(finding));
  }
}

void ReportMissing(const Value& mapping, std::string_view key) {
  mapping.ReportAt(mapping.Rule().at, "missing-key", fmt::format("`{}` is missing", key));
}

std::vector<Value> ReadList(const Value& value) {
  std::vector<Value> items;
  if (!value.node().IsSequence()) {
    value.ReportType("a list");
    return items;
  }
  for (std::size_t i = 0; i < value.node().items().size(); ++i) items.push_back(value.Item(i));
  return items;
}

}  // namespace imglife
