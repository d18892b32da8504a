#include "schema/text/diagnostics.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "fmt/format.h"
#include "nlohmann/json.hpp"

#include "schema/text/byte_order_mark.h"
#include "schema/text/escape.h"
#include "schema/text/finding_as_json.h"
#include "schema/text/secrets.h"

namespace imglife {
namespace {

// Bytes of a source line that are shown; of a longer line, those around the caret.
constexpr std::size_t kShownBytes = 200;
// Bytes on both sides of these that are searched for credentials: more than a token has.
constexpr std::size_t kSearchedBytes = 8192;

std::string_view Name(Severity severity) {
  return severity == Severity::kError ? "error" : "warning";
}

std::string_view SourceLine(std::string_view source, int line) {
  source = WithoutByteOrderMark(source);
  for (int current = 1; current < line; ++current) {
    const std::size_t end = source.find('\n');
    if (end == std::string_view::npos) return {};
    source.remove_prefix(end + 1);
  }
  source = source.substr(0, source.find('\n'));
  if (source.ends_with('\r')) source.remove_suffix(1);
  return source;
}

std::size_t Characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

// A piece of a line, and where in it the caret is.
struct Excerpt {
  std::string text;
  std::size_t caret = 0;
};

// The indentation, list dashes and plain key of `line`; what follows them is the value.
std::string_view KeyPrefix(std::string_view line) {
  const std::size_t start = std::min(line.find_first_not_of(" -"), line.size());
  std::size_t end = start;
  while (end < line.size() && ((line[end] >= 'a' && line[end] <= 'z') || line[end] == '_')) ++end;
  const std::string_view prefix = line.substr(0, end + 2);
  const bool key_alone = prefix.ends_with(": ") && RedactCredentials(prefix) == prefix;
  return key_alone ? prefix : line.substr(0, start);
}

Excerpt HiddenLine(std::string_view line) {
  const std::string prefix(KeyPrefix(line));
  return {prefix + "***", prefix.size()};
}

bool HoldsCredential(std::string_view line, int column) {
  const auto at = static_cast<std::size_t>(std::max(column, 1) - 1);
  const std::size_t start = at > kSearchedBytes ? at - kSearchedBytes : 0;
  const std::string_view searched =
      line.substr(std::min(start, line.size()), 2 * kSearchedBytes + kShownBytes);
  return RedactCredentials(searched) != searched;
}

Excerpt VisibleLine(std::string_view line, int column) {
  const std::size_t at = std::min(static_cast<std::size_t>(std::max(column, 1) - 1), line.size());
  std::size_t start = 0;
  if (line.size() > kShownBytes && at > kShownBytes / 2) start = at - kShownBytes / 2;
  const std::string_view shown = line.substr(start, kShownBytes);
  const std::string_view left = start > 0 ? "..." : "";
  const std::string_view right = start + shown.size() < line.size() ? "..." : "";
  const std::string before = EscapeControl(shown.substr(0, at - start));
  return {fmt::format("{}{}{}{}", left, before, EscapeControl(shown.substr(at - start)), right),
          left.size() + Characters(before)};
}

std::string RenderPlace(std::string_view file, SourcePosition at) {
  if (at.line <= 0) return EscapeControl(file);
  if (at.column <= 0) return fmt::format("{}:{}", EscapeControl(file), at.line);
  return fmt::format("{}:{}:{}", EscapeControl(file), at.line, at.column);
}

std::string RenderSource(std::string_view source, SourcePosition at, bool hidden) {
  if (at.line <= 0) return {};
  const std::string_view line = SourceLine(source, at.line);
  if (line.empty()) return {};
  const bool hide = hidden || HoldsCredential(line, at.column);
  const Excerpt excerpt = hide ? HiddenLine(line) : VisibleLine(line, at.column);
  if (at.column <= 0) return excerpt.text + "\n";
  return fmt::format("{}\n{:>{}}\n", excerpt.text, "^", excerpt.caret + 1);
}

}  // namespace

void Findings::Add(Finding finding) {
  if (finding.severity == Severity::kError) ++errors_;
  if (findings_.size() == kMost) {
    ++omitted_;
    return;
  }
  finding.message = RedactCredentials(finding.message);
  finding.path = RedactCredentials(finding.path);
  finding.suggestion = RedactCredentials(finding.suggestion);
  for (Note& note : finding.notes) note.message = RedactCredentials(note.message);
  findings_.push_back(std::move(finding));
}

std::vector<Finding> Findings::Sorted() const {
  std::vector<Finding> sorted = findings_;
  std::stable_sort(sorted.begin(), sorted.end(), [](const Finding& a, const Finding& b) {
    return std::tie(a.at, a.code) < std::tie(b.at, b.code);
  });
  return sorted;
}

std::string RenderFinding(std::string_view file, std::string_view source, const Finding& finding) {
  const std::string path = finding.path.empty() ? "" : EscapeControl(finding.path) + ": ";
  std::string out = fmt::format("{}: {}: {}{}\n{}", RenderPlace(file, finding.at),
                                Name(finding.severity), path, EscapeControl(finding.message),
                                RenderSource(source, finding.at, finding.hides_source));
  for (const Note& note : finding.notes) {
    const bool same_line = note.at.line == finding.at.line;
    out += fmt::format("{}: note: {}\n{}", RenderPlace(file, note.at), EscapeControl(note.message),
                       RenderSource(source, note.at, finding.hides_source && same_line));
  }
  return out;
}

std::string FindingAsJsonLine(std::string_view file, const Finding& finding) {
  using Json = nlohmann::ordered_json;
  const Json line = {{"level", std::string(Name(finding.severity))},
                     {"message", finding.message},
                     {"code", finding.code},
                     {"file", std::string(file)},
                     {"line", finding.at.line},
                     {"column", finding.at.column},
                     {"path", finding.path},
                     {"suggestion", finding.suggestion}};
  return line.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string FindingsAsJson(std::string_view file, const Findings& findings) {
  using Json = nlohmann::ordered_json;
  Json list = Json::array();
  for (const Finding& finding : findings.Sorted()) {
    list.push_back({{"code", finding.code},
                    {"severity", std::string(Name(finding.severity))},
                    {"file", std::string(file)},
                    {"line", finding.at.line},
                    {"column", finding.at.column},
                    {"path", finding.path},
                    {"message", finding.message},
                    {"suggestion", finding.suggestion}});
  }
  Json document = {{"findings", std::move(list)}};
  if (findings.Omitted() > 0) document["omitted"] = findings.Omitted();
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace imglife
