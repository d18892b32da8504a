#include <algorithm>
#include <string>

#include "fmt/format.h"
#include "re2/re2.h"

#include "schema/config/domain.h"
#include "schema/config/scalars.h"

namespace imglife {
namespace {

// Places looked at to find the one that RE2 means.
constexpr int kMostTries = 32;

RE2::Options QuietOptions() {
  RE2::Options options;
  options.set_log_errors(false);
  return options;
}

// Where in `pattern` RE2's error is. RE2 names the offending piece but not its place: it is where
// the pattern, cut behind the piece, first fails in the same way.
std::size_t ErrorOffset(const std::string& pattern, const RE2& regex) {
  const std::string& piece = regex.error_arg();
  if (piece.empty()) return 0;
  const std::size_t first = pattern.find(piece);
  std::size_t at = first;
  for (int i = 0; i < kMostTries && at != std::string::npos; ++i) {
    const RE2 cut(pattern.substr(0, at + piece.size()), QuietOptions());
    if (cut.error_code() == regex.error_code()) return at;
    at = pattern.find(piece, at + 1);
  }
  return first == std::string::npos ? 0 : first;
}

// The place `offset` bytes into a scalar; the scalar's own if quotes or line breaks make that
// unknown.
SourcePosition PlaceInScalar(const Value& value, std::size_t offset) {
  const SourcePosition at = value.at();
  // Nobody sees more findings than these.
  if (value.context().findings.Omitted() > 0) return at;
  const std::string& text = value.node().text();
  std::string_view rest = value.context().content;
  for (int line = 1; line < at.line; ++line) rest.remove_prefix(rest.find('\n') + 1);
  rest.remove_prefix(std::min(static_cast<std::size_t>(at.column - 1), rest.size()));
  const std::size_t quote = value.node().plain() ? 0 : 1;
  if (rest.substr(std::min(quote, rest.size())).substr(0, offset) != text.substr(0, offset)) {
    return at;
  }
  return {at.line, at.column + static_cast<int>(quote + offset)};
}

}  // namespace

bool CheckRegex(const Value& value, std::string_view pattern, std::size_t offset,
                std::optional<int> groups) {
  const std::string text(pattern);
  if (text.empty()) {
    value.Report("bad-regex",
                 "an empty regular expression matches everything; write `.*` for that");
    return false;
  }
  const RE2 regex(text, QuietOptions());
  if (!regex.ok()) {
    const std::size_t at = ErrorOffset(text, regex);
    value.ReportAt(PlaceInScalar(value, offset + at), "bad-regex",
                   fmt::format("not a valid RE2 regular expression: {} (at character {})",
                               regex.error(), at + 1));
    return false;
  }
  const int found = regex.NumberOfCapturingGroups();
  if (groups && found != *groups) {
    value.Report("bad-regex",
                 fmt::format("the regular expression must have exactly {} group in parentheses, "
                             "found {}; write (?:...) for those that only group",
                             *groups, found));
    return false;
  }
  return true;
}

std::optional<std::string> ReadRegex(const Value& value) {
  std::optional<std::string> pattern = ReadRawText(value);
  if (!pattern || !CheckRegex(value, *pattern, 0, std::nullopt)) return std::nullopt;
  return pattern;
}

}  // namespace imglife
