// UTF-8, one character at a time (RFC 3629).
#pragma once

#include <cstddef>
#include <string_view>

namespace imglife {

struct Utf8Character {
  char32_t code = 0;
  // Bytes that it takes; 0 if the text doesn't start with a well-formed character (overlong forms,
  // surrogates and codes above U+10FFFF are not).
  std::size_t size = 0;
};

// The character that `text` starts with.
Utf8Character DecodeUtf8(std::string_view text);

}  // namespace imglife
