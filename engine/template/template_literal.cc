#include "engine/template/template_literal.h"

#include <algorithm>
#include <charconv>

namespace imglife {
namespace {

constexpr char32_t kLargestCode = 0x10FFFF;

bool IsSurrogate(char32_t code) {
  return code >= 0xD800 && code <= 0xDFFF;
}

std::optional<std::uint32_t> Digits(std::string_view text, std::size_t count, int base) {
  if (text.size() < count) return std::nullopt;
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + count, value, base);
  if (error != std::errc() || end != text.data() + count) return std::nullopt;
  return value;
}

char SimpleEscape(char c) {
  switch (c) {
    case 'a':
      return '\a';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'v':
      return '\v';
    case '\\':
    case '\'':
    case '"':
      return c;
    default:
      return '\0';
  }
}

// `rest` follows a backslash; takes the escape off its front.
bool TakeEscape(std::string_view& rest, std::string& text) {
  if (rest.empty()) return false;
  const char kind = rest.front();
  if (const char simple = SimpleEscape(kind); simple != '\0') {
    text += simple;
    rest.remove_prefix(1);
    return true;
  }
  const bool octal = kind >= '0' && kind <= '7';
  const std::size_t count = octal ? 3 : kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
  if (count == 0) return false;
  if (!octal) rest.remove_prefix(1);
  const auto value = Digits(rest, count, octal ? 8 : 16);
  if (!value) return false;
  rest.remove_prefix(count);
  if (octal || kind == 'x') {
    if (*value > 0xFF) return false;
    text += static_cast<char>(*value);
    return true;
  }
  if (*value > kLargestCode || IsSurrogate(*value)) return false;
  AppendUtf8(*value, text);
  return true;
}

std::optional<std::int64_t> ParseInteger(std::string_view digits, bool negative) {
  int base = 10;
  if (digits.size() > 1 && digits.front() == '0') {
    const char mark = static_cast<char>(digits[1] | 0x20);
    base = mark == 'x' ? 16 : mark == 'b' ? 2 : 8;
    digits.remove_prefix(mark == 'x' || mark == 'b' || mark == 'o' ? 2 : 1);
  }
  const std::string signed_digits = (negative ? "-" : "") + std::string(digits);
  std::int64_t value = 0;
  const char* last = signed_digits.data() + signed_digits.size();
  const auto [end, error] = std::from_chars(signed_digits.data(), last, value, base);
  if (error != std::errc() || end != last) return std::nullopt;
  return value;
}

}  // namespace

void AppendUtf8(char32_t code, std::string& text) {
  const auto push = [&text](char32_t byte) { text += static_cast<char>(byte); };
  if (code < 0x80) {
    push(code);
  } else if (code < 0x800) {
    push(0xC0 | (code >> 6));
    push(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    push(0xE0 | (code >> 12));
    push(0x80 | ((code >> 6) & 0x3F));
    push(0x80 | (code & 0x3F));
  } else {
    push(0xF0 | (code >> 18));
    push(0x80 | ((code >> 12) & 0x3F));
    push(0x80 | ((code >> 6) & 0x3F));
    push(0x80 | (code & 0x3F));
  }
}

std::size_t QuotedLength(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\n') return 0;
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == text.front()) {
      return i + 1;
    }
  }
  return 0;
}

std::optional<std::string> Unquote(std::string_view literal) {
  std::string_view rest = literal.substr(1, literal.size() - 2);
  std::string text;
  while (!rest.empty()) {
    const char c = rest.front();
    rest.remove_prefix(1);
    if (c != '\\') {
      text += c;
    } else if (!TakeEscape(rest, text)) {
      return std::nullopt;
    }
  }
  return text;
}

std::optional<std::variant<std::int64_t, double>> ParseNumber(std::string_view literal) {
  const bool negative = literal.starts_with('-');
  if (negative || literal.starts_with('+')) literal.remove_prefix(1);
  std::string digits(literal);
  digits.erase(std::remove(digits.begin(), digits.end(), '_'), digits.end());
  if (digits.empty()) return std::nullopt;
  if (const auto integer = ParseInteger(digits, negative)) return *integer;
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool starts = digits.front() == '.' || (digits.front() >= '0' && digits.front() <= '9');
  if (!starts || error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return negative ? -value : value;
}

}  // namespace imglife
