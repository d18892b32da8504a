// Scalars of imglife.yaml by type. Every function returns nothing after it has reported why.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "schema/config/value.h"

namespace imglife {

// A string with its variables replaced. Plain scalars that look like numbers or truth values are
// strings as they are written.
std::optional<std::string> ReadText(const Value& value);

// The same, and not empty.
std::optional<std::string> ReadSomeText(const Value& value);

// A string as it is written.
std::optional<std::string> ReadRawText(const Value& value);

// A decimal integer from `least` to `most`.
std::optional<std::int64_t> ReadInteger(const Value& value, std::int64_t least, std::int64_t most);

// The same for text that stands in no file; says nothing.
std::optional<std::int64_t> ParseDecimal(std::string_view text, std::int64_t least,
                                         std::int64_t most);

// true or false, as YAML 1.2's core schema spells them.
std::optional<bool> ReadBool(const Value& value);

// Reports that `text`, which the value holds, is none of `words`. Like the others it shows the
// value as it is written, not what its variables hold.
void ReportNoWord(const Value& value, std::string_view text, const std::vector<std::string>& words);

// One of a few words.
template <typename Enum, std::size_t N>
std::optional<Enum> ReadWord(const Value& value,
                             const std::array<std::pair<std::string_view, Enum>, N>& words) {
  const std::optional<std::string> text = ReadText(value);
  if (!text) return std::nullopt;
  std::vector<std::string> names;
  for (const auto& [name, meaning] : words) {
    if (name == *text) return meaning;
    names.emplace_back(name);
  }
  ReportNoWord(value, *text, names);
  return std::nullopt;
}

}  // namespace imglife
