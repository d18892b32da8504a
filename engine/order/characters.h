// ASCII classes, independent of the locale.
#pragma once

#include <cstddef>
#include <string_view>

namespace imglife {

constexpr bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

constexpr bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

constexpr char ToLower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// What stands between the parts of a tag.
constexpr bool IsSeparator(char c) {
  return c == '-' || c == '.' || c == '_' || c == '+';
}

// The run of digits that `text` begins with.
constexpr std::string_view LeadingDigits(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && IsDigit(text[length])) ++length;
  return text.substr(0, length);
}

// "007" is "7", "000" is "0".
constexpr std::string_view WithoutLeadingZeros(std::string_view digits) {
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  return digits;
}

}  // namespace imglife
