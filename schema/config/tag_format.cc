#include <array>
#include <string>
#include <utility>

#include "fmt/format.h"
#include "fmt/ranges.h"

#include "schema/config/scalars.h"
#include "schema/config/sections.h"
#include "schema/image/reference.h"
#include "schema/text/suggest.h"

namespace imglife {
namespace {

// The tokens, each with a value that can stand at its place.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kTokens = {
    {{"registry", "registry.example.com/bases"},
     {"folder", "folder"},
     {"name", "name"},
     {"mirror-tag", "1"},
     {"version", "1"},
     {"core_version", "1"},
     {"build_name", "name"}}};

const std::string_view* SampleOf(std::string_view token) {
  for (const auto& [name, sample] : kTokens) {
    if (name == token) return &sample;
  }
  return nullptr;
}

void ReportToken(const Value& value, std::string_view token) {
  std::vector<std::string> names;
  for (const auto& [name, sample] : kTokens) names.emplace_back(name);
  const std::optional<std::string> near = NearestWord(token, names);
  std::string message = fmt::format("unknown token `{{{}}}`", token);
  if (near) {
    message += fmt::format(", did you mean `{{{}}}`?", *near);
  } else {
    message += fmt::format("; known are {{{}}}", fmt::join(names, "}, {"));
  }
  value.Report("bad-tag-format", std::move(message), near.value_or(""));
}

// `format` with a sample in the place of every token.
std::optional<std::string> FillIn(const Value& value, std::string_view format) {
  std::string out;
  while (!format.empty()) {
    const std::size_t open = format.find('{');
    out += format.substr(0, open);
    if (open == std::string_view::npos) break;
    const std::size_t close = format.find('}', open);
    if (close == std::string_view::npos) {
      value.Report("bad-tag-format", "a `{` is not closed");
      return std::nullopt;
    }
    const std::string_view token = format.substr(open + 1, close - open - 1);
    const std::string_view* const sample = SampleOf(token);
    if (sample == nullptr) {
      ReportToken(value, token);
      return std::nullopt;
    }
    out += *sample;
    format.remove_prefix(close + 1);
  }
  return out;
}

bool GivesReference(const std::string& filled_in) {
  const absl::StatusOr<Reference> reference = ParseReference(filled_in);
  return reference.ok() && !reference->tag.empty() && reference->digest.empty();
}

}  // namespace

std::optional<std::string> DecodeTagFormat(const Value& value) {
  std::optional<std::string> format = ReadSomeText(value);
  // Go templates are checked where they are executed.
  if (!format || format->find("{{") != std::string::npos) return format;
  const std::optional<std::string> filled_in = FillIn(value, *format);
  if (!filled_in) return std::nullopt;
  const bool full = format->find("{registry}") != std::string::npos;
  if (full ? !GivesReference(*filled_in) : !IsValidTag(*filled_in)) {
    value.Report(
        "bad-tag-format",
        full ? "with {registry} it must give a full reference, such as "
               "{registry}/{name}:{version}-core{core_version}"
             : "it doesn't give a tag, as {version}-core{core_version} does; for a full reference "
               "start with {registry}");
    return std::nullopt;
  }
  return format;
}

}  // namespace imglife
