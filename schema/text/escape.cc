#include "schema/text/escape.h"

#include <cstddef>

#include "fmt/format.h"

#include "schema/text/utf8.h"

namespace imglife {
namespace {

// Makes a line show something else than it says (Unicode 15, "Bidirectional Ordering Controls";
// line and paragraph separators).
bool ReordersText(char32_t code) {
  return code == 0x061C || code == 0x200E || code == 0x200F || (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069);
}

bool IsControl(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || ReordersText(code);
}

void AppendBytesEscaped(std::string_view bytes, std::string& out) {
  for (const char c : bytes) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
}

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// Bytes with a meaning anywhere in a line (CommonMark, GitHub's and GitLab's additions).
bool IsMarkdownSpecial(char c) {
  return std::string_view("\\`*_{}[]()#!|~@$^").find(c) != std::string_view::npos;
}

// Bytes with a meaning because of where they are: list markers and underlines at the start, the dot
// of "1.", and the colon that makes a bare URL a link.
bool IsMarkdownSpecialAt(std::string_view text, std::size_t i) {
  const char c = text[i];
  if (c == '+' || c == '-' || c == '=') return i == 0;
  if (c == ':') return text.substr(i).starts_with("://");
  if (c != '.' || i == 0) return false;
  for (std::size_t j = 0; j < i; ++j) {
    if (!IsDigit(text[j])) return false;
  }
  return i + 1 == text.size() || text[i + 1] == ' ';
}

std::string_view MarkupEntity(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      return {};
  }
}

}  // namespace

std::string EscapeControl(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Utf8Character character = DecodeUtf8(text);
    const std::size_t size = character.size == 0 ? 1 : character.size;
    if (character.size == 0 || IsControl(character.code)) {
      AppendBytesEscaped(text.substr(0, size), out);
    } else {
      out += text.substr(0, size);
    }
    text.remove_prefix(size);
  }
  return out;
}

std::string EscapeMarkdown(std::string_view text) {
  const std::string safe = EscapeControl(text);
  std::string out;
  out.reserve(safe.size());
  for (std::size_t i = 0; i < safe.size(); ++i) {
    const char c = safe[i];
    if (c == '<' || c == '>' || c == '&') {
      out += MarkupEntity(c);
      continue;
    }
    if (IsMarkdownSpecial(c) || IsMarkdownSpecialAt(safe, i)) out += '\\';
    out += c;
  }
  return out;
}

std::string EscapeMarkup(std::string_view text) {
  std::string out;
  for (const char c : EscapeControl(text)) {
    const std::string_view entity = MarkupEntity(c);
    if (entity.empty()) {
      out += c;
    } else {
      out += entity;
    }
  }
  return out;
}

}  // namespace imglife
