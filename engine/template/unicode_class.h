// What kind of character a code point is, as Go 1.24 sees it (Unicode 15.0).
#pragma once

namespace imglife {

// strconv.IsPrint: letters, marks, numbers, punctuation, symbols and the ASCII space.
bool IsPrintable(char32_t code);

// What names in templates are made of: letters, decimal digits and "_".
bool IsWordCharacter(char32_t code);

}  // namespace imglife
