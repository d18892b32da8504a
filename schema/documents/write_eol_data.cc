#include <string_view>

#include <fmt/format.h>

#include "schema/documents/eol_data.h"

namespace imglife {
namespace {

// YAML 1.2, 7.3.1: double quotes with escapes hold any text.
std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      quoted += fmt::format("\\x{:02x}", byte);
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

bool IsPlainKey(std::string_view key) {
  if (key.empty() || key.front() < 'a' || key.front() > 'z') return false;
  if (key.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string_view::npos) {
    return false;
  }
  for (const std::string_view word :
       {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}) {
    if (key == word) return false;
  }
  return true;
}

std::string Value(const std::string& text) {
  return Quoted(text);
}
std::string Value(absl::CivilDay day) {
  return Quoted(absl::FormatCivilTime(day));
}
std::string Value(const DateOrBool& value) {
  if (value.date) return Value(*value.date);
  return value.value ? "true" : "false";
}

template <typename T>
void WriteField(std::string_view name, const std::optional<T>& value, std::string& text) {
  if (value) text += fmt::format("    {}: {}\n", name, Value(*value));
}

void WriteCycle(const EolCycle& cycle, std::string& text) {
  text += fmt::format("  - cycle: {}\n", Quoted(cycle.cycle));
  WriteField("releaseDate", cycle.release_date, text);
  WriteField("eol", cycle.eol, text);
  WriteField("latest", cycle.latest, text);
  WriteField("latestReleaseDate", cycle.latest_release_date, text);
  WriteField("lts", cycle.lts, text);
  WriteField("support", cycle.support, text);
  WriteField("extendedSupport", cycle.extended_support, text);
  WriteField("codename", cycle.codename, text);
  WriteField("link", cycle.link, text);
}

}  // namespace

std::string WriteEolData(const EolData& data) {
  std::string text = data.leading_comments;
  if (!text.empty() && !text.ends_with('\n')) text += '\n';
  if (data.products.empty()) return text + "{}\n";
  for (const auto& [product, cycles] : data.products) {
    const std::string key = IsPlainKey(product) ? product : Quoted(product);
    text += fmt::format("{}:{}\n", key, cycles.empty() ? " []" : "");
    for (const EolCycle& cycle : cycles) WriteCycle(cycle, text);
  }
  return text;
}

}  // namespace imglife
