#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "schema/config/yaml_reader.h"
#include "schema/documents/eol_data.h"
#include "schema/documents/eol_dates.h"
#include "schema/text/escape.h"
#include "schema/text/suggest.h"

namespace imglife {
namespace {

const std::vector<std::string> kFields = {
    "codename",          "cycle", "eol", "extendedSupport", "latest",
    "latestReleaseDate", "link",  "lts", "releaseDate",     "support"};

std::string LeadingComments(std::string_view content) {
  std::size_t end = 0;
  while (end < content.size()) {
    const std::size_t newline = content.find('\n', end);
    const std::size_t next = newline == std::string_view::npos ? content.size() : newline + 1;
    const std::string_view line = content.substr(end, next - end);
    const std::size_t first = line.find_first_not_of(" \t\r\n");
    if (first != std::string_view::npos && line[first] != '#') break;
    end = next;
  }
  return std::string(content.substr(0, end));
}

class EolDataReader {
 public:
  explicit EolDataReader(Findings& findings) : findings_(findings) {}

  EolData Read(const YamlNode& root) {
    EolData data;
    if (root.IsNull()) return data;
    if (!root.IsMapping()) {
      Report("wrong-type", root.at(), "", "must be a mapping from products to their cycles");
      return data;
    }
    for (const YamlEntry& entry : root.entries()) {
      data.products[entry.key] = ReadCycles(entry.key, entry.value);
    }
    return data;
  }

 private:
  EolCycles ReadCycles(const std::string& product, const YamlNode& node) {
    EolCycles cycles;
    if (node.IsNull()) return cycles;
    if (!node.IsSequence()) {
      Report("wrong-type", node.at(), product, "must be a list of cycles");
      return cycles;
    }
    std::set<std::string> names;
    for (std::size_t i = 0; i < node.items().size(); ++i) {
      path_ = fmt::format("{}[{}]", product, i);
      auto cycle = ReadCycle(node.items()[i]);
      if (!cycle) continue;
      if (!names.insert(cycle->cycle).second) {
        Report("duplicate", node.items()[i].at(), path_,
               fmt::format("the cycle {} is there twice", EscapeControl(cycle->cycle)));
      }
      cycles.push_back(*std::move(cycle));
    }
    return cycles;
  }

  std::optional<EolCycle> ReadCycle(const YamlNode& node) {
    if (!node.IsMapping()) {
      Report("wrong-type", node.at(), path_, "must be a mapping with the fields of a cycle");
      return std::nullopt;
    }
    ReportUnknown(node);
    EolCycle cycle;
    const std::optional<std::string> name = Text(node, "cycle");
    if (!name || name->empty()) {
      Report("missing", node.at(), path_, "`cycle` is needed: its name");
      return std::nullopt;
    }
    cycle.cycle = *name;
    cycle.release_date = Day(node, "releaseDate");
    cycle.eol = DayOrBool(node, "eol");
    cycle.latest = Text(node, "latest");
    cycle.latest_release_date = Day(node, "latestReleaseDate");
    cycle.lts = DayOrBool(node, "lts");
    cycle.support = DayOrBool(node, "support");
    cycle.extended_support = DayOrBool(node, "extendedSupport");
    cycle.codename = Text(node, "codename");
    cycle.link = Text(node, "link");
    return cycle;
  }

  void ReportUnknown(const YamlNode& node) {
    for (const YamlEntry& entry : node.entries()) {
      if (std::binary_search(kFields.begin(), kFields.end(), entry.key)) continue;
      const std::optional<std::string> nearest = NearestWord(entry.key, kFields);
      Report("unknown-key", entry.key_at, path_,
             fmt::format("unknown key `{}`{}", EscapeControl(entry.key),
                         nearest ? fmt::format(", did you mean `{}`?", *nearest) : ""));
    }
  }

  // A field that is absent and one without a value are the same.
  static const YamlNode* Field(const YamlNode& node, std::string_view name) {
    const YamlNode* value = node.Find(name);
    return value == nullptr || value->IsNull() ? nullptr : value;
  }

  std::optional<std::string> Text(const YamlNode& node, std::string_view name) {
    const YamlNode* value = Field(node, name);
    if (value == nullptr) return std::nullopt;
    if (value->IsScalar()) return value->text();
    return Wrong(*value, name, "a string");
  }

  std::optional<absl::CivilDay> Day(const YamlNode& node, std::string_view name) {
    const YamlNode* value = Field(node, name);
    if (value == nullptr) return std::nullopt;
    const auto day = value->IsScalar() ? ParseDay(value->text()) : std::nullopt;
    if (!day) return Wrong(*value, name, "a date, YYYY-MM-DD");
    return day;
  }

  std::optional<DateOrBool> DayOrBool(const YamlNode& node, std::string_view name) {
    const YamlNode* value = Field(node, name);
    if (value == nullptr) return std::nullopt;
    if (value->IsScalar()) {
      if (const auto day = ParseDay(value->text())) return DateOrBool{day, false};
      if (value->plain() && value->text() == "true") return DateOrBool{std::nullopt, true};
      if (value->plain() && value->text() == "false") return DateOrBool{std::nullopt, false};
    }
    return Wrong(*value, name, "a date, YYYY-MM-DD, or true or false");
  }

  std::nullopt_t Wrong(const YamlNode& value, std::string_view name, std::string_view wanted) {
    Report("wrong-type", value.at(), fmt::format("{}.{}", path_, name),
           fmt::format("must be {}", wanted));
    return std::nullopt;
  }

  void Report(const std::string& code, SourcePosition at, const std::string& path,
              std::string message) {
    Finding finding;
    finding.code = code;
    finding.at = at;
    finding.path = EscapeControl(path);
    finding.message = std::move(message);
    findings_.Add(std::move(finding));
  }

  Findings& findings_;
  std::string path_;
};

}  // namespace

std::optional<EolData> ReadEolData(std::string_view content, Findings& findings) {
  const std::optional<YamlNode> root = ReadYaml(content, findings);
  if (!root) return std::nullopt;
  EolData data = EolDataReader(findings).Read(*root);
  if (findings.HasErrors()) return std::nullopt;
  data.leading_comments = LeadingComments(content);
  return data;
}

}  // namespace imglife
