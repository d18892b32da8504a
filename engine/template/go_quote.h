// Go's quoted literals, written and read (Go's package strconv, quote.go).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace imglife {

void AppendUtf8(char32_t code, std::string& text);

// The code point as UTF-8; U+FFFD for what is none.
std::string CharacterText(char32_t code);

// strconv.Quote; with `ascii` strconv.QuoteToASCII.
std::string GoQuoted(std::string_view text, bool ascii = false);

// strconv.QuoteRune, strconv.QuoteRuneToASCII.
std::string GoQuotedCharacter(char32_t code, bool ascii = false);

// strconv.CanBackquote: one line, without control characters, backquotes or broken UTF-8.
bool CanBackquote(std::string_view text);

// The length of the literal that `text` begins with, in quotes like its first character; 0 if it
// isn't terminated on its line.
std::size_t QuotedLength(std::string_view text);

// What a literal in double quotes means. Nothing for a bad escape.
std::optional<std::string> Unquote(std::string_view literal);

// The code point of a literal in single quotes. Nothing for a bad escape and for anything but one
// character.
std::optional<char32_t> UnquoteCharacter(std::string_view literal);

}  // namespace imglife
