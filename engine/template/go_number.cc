#include "engine/template/go_number.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include <fmt/format.h>

namespace imglife {
namespace {

constexpr std::string_view kDecimal = "0123456789";
constexpr std::string_view kDecimalDigits = "0123456789_";

struct Base {
  int base;
  std::string_view digits;
};

// Of the letter behind a leading 0.
std::optional<Base> BaseOf(char letter) {
  switch (letter) {
    case 'x':
    case 'X':
      return Base{16, "0123456789abcdefABCDEF_"};
    case 'o':
    case 'O':
      return Base{8, "01234567_"};
    case 'b':
    case 'B':
      return Base{2, "01_"};
    default:
      return std::nullopt;
  }
}

std::size_t Skip(std::string_view text, std::size_t at, std::string_view any) {
  return std::min(text.find_first_not_of(any, at), text.size());
}

std::size_t SkipOne(std::string_view text, std::size_t at, std::string_view any) {
  return at < text.size() && any.find(text[at]) != std::string_view::npos ? at + 1 : at;
}

// Underscores stand between digits, or between the mark of the base and a digit.
bool UnderscoresFit(std::string_view digits) {
  const bool marked = digits.size() > 1 && digits[0] == '0' && BaseOf(digits[1]).has_value();
  const bool hex = marked && (digits[1] == 'x' || digits[1] == 'X');
  const std::string_view all = hex ? "0123456789abcdefABCDEF" : kDecimal;
  char before = marked ? '0' : '!';
  for (const char c : digits.substr(marked ? 2 : 0)) {
    const bool digit = all.find(c) != std::string_view::npos;
    if (c == '_' ? before != '0' : before == '_' && !digit) return false;
    before = c == '_' ? '_' : digit ? '0' : '!';
  }
  return before != '_';
}

std::optional<std::int64_t> ParseInteger(std::string digits, bool negative) {
  int base = 10;
  if (digits.size() > 1 && digits[0] == '0') {
    const auto marked = BaseOf(digits[1]);
    base = marked ? marked->base : 8;
    digits.erase(0, marked ? 2 : 1);
  }
  if (digits.empty() || digits[0] == '-') return std::nullopt;
  if (negative) digits.insert(0, "-");
  std::int64_t value = 0;
  const char* last = digits.data() + digits.size();
  const auto [end, error] = std::from_chars(digits.data(), last, value, base);
  if (error != std::errc() || end != last) return std::nullopt;
  return value;
}

std::optional<double> ParseFloat(std::string_view digits) {
  const bool hex = digits.starts_with("0x") || digits.starts_with("0X");
  if (hex && digits.find_first_of("pP") == std::string_view::npos) return std::nullopt;
  if (hex) digits.remove_prefix(2);
  const bool starts =
      !digits.empty() &&
      (digits[0] == '.' || std::isxdigit(static_cast<unsigned char>(digits[0])) != 0);
  if (!starts) return std::nullopt;
  double value = 0;
  const char* last = digits.data() + digits.size();
  const auto [end, error] = std::from_chars(
      digits.data(), last, value, hex ? std::chars_format::hex : std::chars_format::general);
  if (error != std::errc() || end != last) return std::nullopt;
  return value;
}

}  // namespace

std::size_t NumberLength(std::string_view text) {
  std::size_t at = SkipOne(text, 0, "+-");
  std::string_view digits = kDecimalDigits;
  std::string_view exponent = "eE";
  if (at < text.size() && text[at] == '0') {
    ++at;
    const auto base = at < text.size() ? BaseOf(text[at]) : std::nullopt;
    if (base) {
      ++at;
      digits = base->digits;
      exponent = base->base == 16 ? "pP" : "";
    }
  }
  at = Skip(text, at, digits);
  if (SkipOne(text, at, ".") != at) at = Skip(text, at + 1, digits);
  if (SkipOne(text, at, exponent) != at) {
    at = Skip(text, SkipOne(text, at + 1, "+-"), kDecimalDigits);
  }
  return at;
}

absl::StatusOr<std::variant<std::int64_t, double>> ParseNumber(std::string_view literal) {
  using Number = std::variant<std::int64_t, double>;
  const auto bad = [literal](std::string_view why) {
    return absl::InvalidArgumentError(fmt::format("`{}` {}", literal, why));
  };
  const bool negative = literal.starts_with('-');
  std::string_view written = literal.substr(negative || literal.starts_with('+') ? 1 : 0);
  if (!UnderscoresFit(written)) return bad("has a `_` that is not between digits");
  std::string digits;
  for (const char c : written) {
    if (c != '_') digits += c;
  }
  if (const auto integer = ParseInteger(digits, negative)) return Number(*integer);
  const auto value = ParseFloat(digits);
  if (!value) {
    return bad(digits.find_first_not_of(kDecimal) == std::string::npos
                   ? "doesn't fit in 64 bits, or is octal with a digit that octal doesn't have"
                   : "is no number that fits in 64 bits");
  }
  if (literal.find_first_of(".eEpP") == std::string_view::npos) {
    return bad("doesn't fit in 64 bits, or is octal with a digit that octal doesn't have");
  }
  return Number(negative ? -*value : *value);
}

}  // namespace imglife
