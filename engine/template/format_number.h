// Numbers as Go's package fmt prints them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace imglife {

// What stands between "%" and the verb (fmt, "Printing").
struct FormatFlags {
  bool minus = false;
  bool plus = false;
  bool sharp = false;
  bool space = false;
  bool zero = false;
  bool go_syntax = false;  // %#v
  std::optional<int> width;
  std::optional<int> precision;
};

// Text for the verb, not yet padded to the width.
struct FormattedNumber {
  enum class Padding { kSpaces, kZeros, kZerosBehindSign };
  std::string text;
  Padding padding = Padding::kSpaces;
};

// Nothing for a verb that isn't for numbers of this kind.
std::optional<FormattedNumber> FormatInteger(std::int64_t number, const FormatFlags& flags,
                                             char32_t verb);
std::optional<FormattedNumber> FormatFloat(double number, const FormatFlags& flags, char32_t verb);

// strconv.FormatFloat, for one of the formats b e E f g G x X. A precision of -1 is the fewest
// digits that give the same number back.
std::string GoFloat(double number, char format, int precision);

}  // namespace imglife
