#include "engine/template/go_quote.h"

#include <charconv>
#include <cstdint>

#include <fmt/format.h>

#include "engine/template/unicode_class.h"
#include "schema/text/utf8.h"

namespace imglife {
namespace {

constexpr char32_t kLargestCode = 0x10FFFF;
constexpr char32_t kReplacement = 0xFFFD;

bool IsCharacter(char32_t code) {
  return code <= kLargestCode && (code < 0xD800 || code > 0xDFFF);
}

// The letter behind the backslash in literals, 0 if there is none.
char EscapeLetter(char32_t code) {
  constexpr std::string_view kLetters = "abtnvfr";
  return code >= 7 && code <= 13 ? kLetters[code - 7] : '\0';
}

void AppendQuotedCharacter(char32_t code, char quote, bool ascii, std::string& text) {
  const char letter = EscapeLetter(code);
  if (code == static_cast<char32_t>(quote) || code == '\\') {
    text += '\\';
    text += static_cast<char>(code);
  } else if (IsPrintable(code) && (!ascii || code < 0x80)) {
    AppendUtf8(code, text);
  } else if (letter != '\0') {
    text += '\\';
    text += letter;
  } else if (code < 0x20 || code == 0x7F) {
    text += fmt::format("\\x{:02x}", static_cast<std::uint32_t>(code));
  } else if (code < 0x10000) {
    text += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(code));
  } else {
    text += fmt::format("\\U{:08x}", static_cast<std::uint32_t>(code));
  }
}

struct Unquoted {
  char32_t code = 0;
  bool is_byte = false;  // \xHH and \OOO stand for bytes, not for characters
};

std::optional<char32_t> TakeDigits(std::string_view& rest, std::size_t count, int base) {
  if (rest.size() < count) return std::nullopt;
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + count, value, base);
  if (error != std::errc() || end != rest.data() + count) return std::nullopt;
  rest.remove_prefix(count);
  return value;
}

// What follows a backslash.
std::optional<Unquoted> TakeEscape(std::string_view& rest, char quote) {
  if (rest.empty()) return std::nullopt;
  const char kind = rest.front();
  if (kind >= '0' && kind <= '7') {
    const auto value = TakeDigits(rest, 3, 8);
    if (!value || *value > 0xFF) return std::nullopt;
    return Unquoted{*value, true};
  }
  rest.remove_prefix(1);
  if (kind == quote || kind == '\\') return Unquoted{static_cast<char32_t>(kind), false};
  constexpr std::string_view kLetters = "abtnvfr";
  const std::size_t letter = kLetters.find(kind);
  if (letter != std::string_view::npos) return Unquoted{static_cast<char32_t>(letter + 7), false};
  const std::size_t count = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
  if (count == 0) return std::nullopt;
  const auto value = TakeDigits(rest, count, 16);
  if (!value || (kind != 'x' && !IsCharacter(*value))) return std::nullopt;
  return Unquoted{*value, kind == 'x'};
}

// One character or escape. Broken UTF-8 reads as U+FFFD, as in Go.
std::optional<Unquoted> TakeCharacter(std::string_view& rest, char quote) {
  if (rest.front() == '\\') {
    rest.remove_prefix(1);
    return TakeEscape(rest, quote);
  }
  const Utf8Character character = DecodeUtf8(rest);
  rest.remove_prefix(character.size == 0 ? 1 : character.size);
  return Unquoted{character.size == 0 ? kReplacement : character.code, false};
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

std::string CharacterText(char32_t code) {
  std::string text;
  AppendUtf8(IsCharacter(code) ? code : kReplacement, text);
  return text;
}

std::string GoQuoted(std::string_view text, bool ascii) {
  std::string quoted = "\"";
  while (!text.empty()) {
    const Utf8Character character = DecodeUtf8(text);
    if (character.size == 0) {
      quoted += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
      text.remove_prefix(1);
    } else {
      AppendQuotedCharacter(character.code, '"', ascii, quoted);
      text.remove_prefix(character.size);
    }
  }
  return quoted + "\"";
}

std::string GoQuotedCharacter(char32_t code, bool ascii) {
  std::string quoted = "'";
  AppendQuotedCharacter(IsCharacter(code) ? code : kReplacement, '\'', ascii, quoted);
  return quoted + "'";
}

bool CanBackquote(std::string_view text) {
  while (!text.empty()) {
    const Utf8Character character = DecodeUtf8(text);
    const char32_t code = character.code;
    if (character.size == 0 || code == 0xFEFF || code == '`' || code == 0x7F) return false;
    if (code < 0x20 && code != '\t') return false;
    text.remove_prefix(character.size);
  }
  return true;
}

std::size_t QuotedLength(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\n') return 0;
    if (text[i] == text.front()) return i + 1;
    if (text[i] == '\\' && ++i < text.size() && text[i] == '\n') return 0;
  }
  return 0;
}

std::optional<std::string> Unquote(std::string_view literal) {
  std::string_view rest = literal.substr(1, literal.size() - 2);
  std::string text;
  while (!rest.empty()) {
    const auto character = TakeCharacter(rest, '"');
    if (!character) return std::nullopt;
    if (character->is_byte) {
      text += static_cast<char>(character->code);
    } else {
      AppendUtf8(character->code, text);
    }
  }
  return text;
}

std::optional<char32_t> UnquoteCharacter(std::string_view literal) {
  std::string_view rest = literal.substr(1, literal.size() - 2);
  if (rest.empty()) return std::nullopt;
  const auto character = TakeCharacter(rest, '\'');
  if (!character || !rest.empty()) return std::nullopt;
  return character->code;
}

}  // namespace imglife
