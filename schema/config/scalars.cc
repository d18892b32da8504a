#include "schema/config/scalars.h"

#include <algorithm>
#include <charconv>

#include "absl/status/status.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

#include "schema/config/variables.h"
#include "schema/text/secrets.h"
#include "schema/text/suggest.h"

namespace imglife {
namespace {

// A scalar that may stand for a number or a truth value: plain, or from a variable.
std::optional<std::string> ReadPlain(const Value& value, std::string_view what) {
  const YamlNode& node = value.node();
  if (!node.IsScalar() || (!node.plain() && !HasVariables(node.text()))) {
    value.ReportType(what);
    return std::nullopt;
  }
  return ReadText(value);
}

bool IsOldTruthValue(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text == "yes" || text == "no" || text == "on" || text == "off" || text == "y" ||
         text == "n";
}

bool IsOneOf(std::string_view text, const std::array<std::string_view, 3>& words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

std::optional<std::int64_t> ParseDigits(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool IsDigits(std::string_view text) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::optional<std::string> ReadRawText(const Value& value) {
  if (value.HoldsCredential()) return std::nullopt;
  if (!value.node().IsScalar()) {
    value.ReportType("a string");
    return std::nullopt;
  }
  return value.node().text();
}

std::optional<std::string> ReadText(const Value& value) {
  const std::optional<std::string> raw = ReadRawText(value);
  if (!raw) return std::nullopt;
  absl::StatusOr<std::string> text =
      ExpandVariables(*raw, value.context().environment, value.context().variables);
  if (!text.ok()) {
    const bool unset = absl::IsNotFound(text.status());
    value.Report(unset ? "unset-variable" : "bad-variable",
                 std::string(text.status().message().data(), text.status().message().size()));
    return std::nullopt;
  }
  if (IsCredential(*text)) {
    value.Report("credential",
                 "its variables make this a credential, which would be shown in plans and logs");
    return std::nullopt;
  }
  return *std::move(text);
}

std::optional<std::string> ReadSomeText(const Value& value) {
  std::optional<std::string> text = ReadText(value);
  if (text && text->empty()) {
    value.ReportExpanded("bad-value", "must not be empty");
    return std::nullopt;
  }
  return text;
}

std::optional<std::int64_t> ParseDecimal(std::string_view text, std::int64_t least,
                                         std::int64_t most) {
  const std::optional<std::int64_t> number = ParseDigits(text);
  if (!number || *number < least || *number > most) return std::nullopt;
  return number;
}

std::optional<std::int64_t> ReadInteger(const Value& value, std::int64_t least, std::int64_t most) {
  const std::optional<std::string> text = ReadPlain(value, "an integer");
  if (!text) return std::nullopt;
  if (!IsDigits(*text)) {
    value.Report("wrong-type",
                 fmt::format("expected a decimal integer, found `{}`", value.node().text()));
    return std::nullopt;
  }
  const std::optional<std::int64_t> number = ParseDecimal(*text, least, most);
  if (!number) {
    value.Report("out-of-range",
                 fmt::format("must be from {} to {}, found {}", least, most, value.node().text()));
  }
  return number;
}

std::optional<bool> ReadBool(const Value& value) {
  const std::optional<std::string> text = ReadPlain(value, "true or false");
  if (!text) return std::nullopt;
  if (IsOneOf(*text, {"true", "True", "TRUE"})) return true;
  if (IsOneOf(*text, {"false", "False", "FALSE"})) return false;
  std::string message = fmt::format("expected true or false, found `{}`", value.node().text());
  if (IsOldTruthValue(*text)) message += ", which is a string in YAML 1.2";
  value.Report("wrong-type", std::move(message));
  return std::nullopt;
}

void ReportNoWord(const Value& value, std::string_view text,
                  const std::vector<std::string>& words) {
  std::string message =
      fmt::format("expected one of {}, found `{}`", fmt::join(words, ", "), value.node().text());
  const std::optional<std::string> near = NearestWord(text, words);
  if (near) message += fmt::format(", did you mean `{}`?", *near);
  value.Report("bad-value", std::move(message), near.value_or(""));
}

}  // namespace imglife
