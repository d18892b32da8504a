#include "engine/template/format_number.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "engine/template/go_quote.h"
#include "engine/template/unicode_class.h"

namespace imglife {
namespace {

using Padding = FormattedNumber::Padding;

constexpr char32_t kNoCharacter = 0xFFFFFFFF;

char32_t AsCharacter(std::int64_t number) {
  return number < 0 || number > 0x10FFFF ? kNoCharacter : static_cast<char32_t>(number);
}

std::string UnicodeName(std::uint64_t number, const FormatFlags& flags) {
  std::string text = fmt::format("U+{:0{}X}", number, std::max(flags.precision.value_or(4), 4));
  if (flags.sharp && number <= 0x10FFFF && IsPrintable(static_cast<char32_t>(number))) {
    text += fmt::format(" '{}'", CharacterText(static_cast<char32_t>(number)));
  }
  return text;
}

// The digits for a verb, "" if it is none for integers.
std::string Digits(std::uint64_t magnitude, char32_t verb) {
  switch (verb) {
    case 'v':
    case 'd':
      return fmt::format("{}", magnitude);
    case 'b':
      return fmt::format("{:b}", magnitude);
    case 'o':
    case 'O':
      return fmt::format("{:o}", magnitude);
    case 'x':
      return fmt::format("{:x}", magnitude);
    case 'X':
      return fmt::format("{:X}", magnitude);
    default:
      return "";
  }
}

std::string Prefix(char32_t verb, bool sharp, std::string_view digits) {
  if (verb == 'O') return sharp && digits[0] != '0' ? "0o0" : "0o";
  if (!sharp) return "";
  if (verb == 'b') return "0b";
  if (verb == 'o') return digits[0] != '0' ? "0" : "";
  if (verb == 'x') return "0x";
  return verb == 'X' ? "0X" : "";
}

std::string_view Sign(bool negative, const FormatFlags& flags) {
  return negative ? "-" : flags.plus ? "+" : flags.space ? " " : "";
}

// "#" keeps the decimal point and trailing zeros.
std::string WithPoint(std::string text, char32_t verb, int precision) {
  const bool counts = verb == 'g' || verb == 'G' || verb == 'v' || verb == 'x';
  int missing = !counts ? 0 : precision < 0 ? 6 : precision;
  const bool hex = verb == 'x' || verb == 'X';
  const std::size_t mark = text.find_first_of(hex ? "pP" : "eEpP");
  const std::string tail = mark == std::string::npos ? "" : text.substr(mark);
  text.resize(text.size() - tail.size());
  bool significant = false;
  for (const char c : text) {
    if (c == '.') continue;
    significant = significant || c != '0';
    if (significant) --missing;
  }
  if (text.find('.') == std::string::npos) {
    if (text == "0") --missing;
    text += '.';
  }
  if (missing > 0) text.append(static_cast<std::size_t>(missing), '0');
  return text + tail;
}

}  // namespace

std::optional<FormattedNumber> FormatInteger(std::int64_t number, const FormatFlags& flags,
                                             char32_t verb) {
  const bool negative = number < 0;
  const std::uint64_t bits = static_cast<std::uint64_t>(number);
  const Padding padding = flags.zero ? Padding::kZeros : Padding::kSpaces;
  if (verb == 'c') return FormattedNumber{CharacterText(AsCharacter(number)), padding};
  if (verb == 'q') {
    return FormattedNumber{GoQuotedCharacter(AsCharacter(number), flags.plus), padding};
  }
  if (verb == 'U') return FormattedNumber{UnicodeName(bits, flags), Padding::kSpaces};
  std::string digits = Digits(negative ? 0 - bits : bits, verb);
  if (digits.empty()) return std::nullopt;
  if (flags.precision == 0 && number == 0) return FormattedNumber{};
  const std::string_view sign = Sign(negative, flags);
  int least = flags.precision.value_or(0);
  if (!flags.precision && flags.zero) {
    least = flags.width.value_or(0) - static_cast<int>(sign.size());
  }
  if (least > static_cast<int>(digits.size())) {
    digits.insert(0, static_cast<std::size_t>(least) - digits.size(), '0');
  }
  return FormattedNumber{fmt::format("{}{}{}", sign, Prefix(verb, flags.sharp, digits), digits),
                         Padding::kSpaces};
}

std::optional<FormattedNumber> FormatFloat(double number, const FormatFlags& flags, char32_t verb) {
  constexpr std::string_view kVerbs = "vbgGxXfFeE";
  if (verb >= 0x80 || kVerbs.find(static_cast<char>(verb)) == std::string_view::npos) {
    return std::nullopt;
  }
  const char format = verb == 'v' ? 'g' : verb == 'F' ? 'f' : static_cast<char>(verb);
  const bool fixed = format == 'f' || format == 'e' || format == 'E';
  const int precision = flags.precision.value_or(fixed ? 6 : -1);
  std::string text = GoFloat(number, format, precision);
  const bool negative = text[0] == '-';
  if (negative || text[0] == '+') text.erase(0, 1);
  const bool not_finite = text[0] == 'I' || text[0] == 'N';
  if (flags.sharp && format != 'b' && !not_finite) {
    text = WithPoint(std::move(text), static_cast<char32_t>(format), precision);
  }
  const bool infinite = text[0] == 'I' && !negative && !flags.plus && !flags.space;
  return FormattedNumber{fmt::format("{}{}", infinite ? "+" : Sign(negative, flags), text),
                         flags.zero && !not_finite ? Padding::kZerosBehindSign : Padding::kSpaces};
}

}  // namespace imglife
