// Columns of text in a terminal.
#pragma once

#include <cstddef>
#include <string_view>

namespace imglife {

// Characters of well-formed UTF-8, each counted as one column.
std::size_t TextWidth(std::string_view text);

}  // namespace imglife
