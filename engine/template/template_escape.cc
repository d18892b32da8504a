#include "engine/template/template_escape.h"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include "engine/template/unicode_class.h"
#include "schema/text/utf8.h"

namespace imglife {
namespace {

// Go leaves DEL and broken UTF-8 as they are.
bool IsEscapedByJs(char32_t code) {
  return code < 0x20 || (code >= 0x80 && !IsPrintable(code));
}

bool IsLetterOrDigit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

}  // namespace

std::string HtmlEscaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '\0':
        escaped += "\uFFFD";
        break;
      case '"':
        escaped += "&#34;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string JsEscaped(std::string_view text) {
  std::string escaped;
  while (!text.empty()) {
    const char c = text.front();
    const Utf8Character character = DecodeUtf8(text);
    const std::size_t size = std::max<std::size_t>(character.size, 1);
    if (c == '\\' || c == '\'' || c == '"') {
      escaped += '\\';
      escaped += c;
    } else if (c == '<' || c == '>' || c == '&' || c == '=' ||
               (character.size > 0 && IsEscapedByJs(character.code))) {
      escaped += fmt::format("\\u{:04X}", static_cast<std::uint32_t>(character.code));
    } else {
      escaped.append(text.substr(0, size));
    }
    text.remove_prefix(size);
  }
  return escaped;
}

std::string QueryEscaped(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (IsLetterOrDigit(c) || c == '-' || c == '_' || c == '.' || c == '~') {
      escaped += c;
    } else if (c == ' ') {
      escaped += '+';
    } else {
      escaped += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return escaped;
}

}  // namespace imglife
