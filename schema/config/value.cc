#include "schema/config/value.h"

#include <set>
#include <string>
#include <utility>

#include "fmt/format.h"
#include "fmt/ranges.h"

#include "schema/config/variables.h"

namespace imglife {
namespace {

// Longer values are no help in a message.
constexpr std::size_t kMostShown = 60;

std::string Describe(const YamlNode& node) {
  if (!node.IsScalar()) return std::string(YamlKindName(node.kind()));
  if (node.text().size() > kMostShown) return "a longer text";
  if (node.plain()) return fmt::format("`{}`", node.text());
  return fmt::format("the string \"{}\"", node.text());
}

}  // namespace

SourcePosition Value::at() const {
  return node_.IsNull() && key_at_ ? *key_at_ : node_.at();
}

ConfigRule Value::Rule() const {
  return {path_, key_at_.value_or(node_.at())};
}

Value Value::Member(const YamlEntry& entry) const {
  Value member(context_, entry.value);
  member.path_ = path_.empty() ? entry.key : fmt::format("{}.{}", path_, entry.key);
  member.key_at_ = entry.key_at;
  return member;
}

std::optional<Value> Value::Find(std::string_view key) const {
  for (const YamlEntry& entry : node_.entries()) {
    if (entry.key == key) return Member(entry);
  }
  return std::nullopt;
}

Value Value::Item(std::size_t index) const {
  Value item(context_, node_.items()[index]);
  item.path_ = fmt::format("{}[{}]", path_, index);
  return item;
}

void Value::Report(std::string code, std::string message, std::string suggestion) const {
  Finding finding;
  finding.code = std::move(code);
  finding.at = at();
  finding.message = std::move(message);
  finding.suggestion = std::move(suggestion);
  Add(std::move(finding));
}

void Value::ReportExpanded(std::string code, std::string message) const {
  const std::set<std::string> empty = EmptyVariables(node_.text(), context_.environment);
  if (!empty.empty()) {
    message += fmt::format("; {} {} set, and empty", fmt::join(empty, ", "),
                           empty.size() == 1 ? "is" : "are");
  }
  Report(std::move(code), std::move(message));
}

void Value::ReportAt(SourcePosition at, std::string code, std::string message) const {
  Finding finding;
  finding.code = std::move(code);
  finding.at = at;
  finding.message = std::move(message);
  Add(std::move(finding));
}

void Value::ReportType(std::string_view what) const {
  if (HoldsCredential()) return;
  Report("wrong-type", fmt::format("expected {}, found {}", what, Describe(node_)));
}

void Value::Add(Finding finding) const {
  if (finding.path.empty()) finding.path = path_;
  if (context_.credential_lines.contains(finding.at.line)) finding.hides_source = true;
  context_.findings.Add(std::move(finding));
}

}  // namespace imglife
