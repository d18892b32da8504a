// Making text from registries and files harmless before a person or a browser sees it.
#pragma once

#include <string>
#include <string_view>

namespace imglife {

// The bytes of C0, DEL, C1, of what reorders text, and of invalid UTF-8 become \xHH; everything
// else stays. For terminals and logs.
std::string EscapeControl(std::string_view text);

// EscapeControl, and every character that Markdown or HTML gives a meaning is escaped.
std::string EscapeMarkdown(std::string_view text);

// EscapeControl, and & < > " ' as entities. For HTML and XML, attribute values included.
std::string EscapeMarkup(std::string_view text);

}  // namespace imglife
