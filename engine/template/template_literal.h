// Go's literals as templates have them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace imglife {

// `text` begins with '"' or '\''. Its length, quotes included, or 0 if it isn't terminated on its
// line.
std::size_t QuotedLength(std::string_view text);

// What an interpreted string or character literal (with its quotes) means (Go spec, "String
// literals"). Nothing for a bad escape.
std::optional<std::string> Unquote(std::string_view literal);

// An integer or a float as Go writes them: 1_000, 0x1f, 0b11, 0o17, 1.5e3.
std::optional<std::variant<std::int64_t, double>> ParseNumber(std::string_view literal);

void AppendUtf8(char32_t code, std::string& text);

}  // namespace imglife
